"""Names in texts: the dictionary, the rules that say when a word is a name, and mentions."""
