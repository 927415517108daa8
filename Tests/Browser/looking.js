// What a reader would notice on a page. Returns sentences, one per fault.
() => {
  const faults = [];
  const root = document.documentElement;
  const isShown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== "hidden";
  };
  const say = (element) => (element.textContent || "").trim().slice(0, 40);

  if (root.scrollWidth > innerWidth) faults.push(`the page scrolls sideways: ${root.scrollWidth} > ${innerWidth}`);
  if (document.title === "broken") faults.push("a script has run");
  if (document.querySelector("script, img, iframe, object")) faults.push("there is an element that nobody wrote");

  // Every chart is there once, with a size and a name.
  for (const figure of document.querySelectorAll("figure")) {
    const charts = [...figure.querySelectorAll("svg")].filter(isShown);
    if (charts.length !== 1) faults.push(`${charts.length} charts are shown for: ${say(figure)}`);
    for (const chart of charts) {
      const box = chart.getBoundingClientRect();
      if (box.width < 200 || box.height < 20) faults.push(`a chart is ${box.width} x ${box.height}: ${say(figure)}`);
      if (!chart.querySelector("rect, circle, line")) faults.push(`a chart is empty: ${say(figure)}`);
      const named = chart.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id));
      if (chart.getAttribute("role") !== "img" || named.some((part) => !part || !part.textContent)) {
        faults.push(`a chart has no name: ${say(figure)}`);
      }
      const texts = [...chart.querySelectorAll("text")].filter(isShown).map((text) => ({
        text: say(text), box: text.getBoundingClientRect(),
      }));
      texts.forEach((one, index) => {
        if (one.box.left < box.left - 3 || one.box.right > box.right + 3) faults.push(`text leaves its chart: ${one.text}`);
        if (one.box.right > innerWidth || one.box.left < 0) faults.push(`text leaves the page: ${one.text}`);
        for (const other of texts.slice(index + 1)) {
          const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          if (across > 1 && down > 3) faults.push(`text lies on text: "${one.text}" and "${other.text}"`);
        }
      });
    }
    if (!figure.querySelector("table")) faults.push(`no table under: ${say(figure)}`);
  }

  // Contrast by WCAG 2: 4.5, or 3 for large text.
  const parsed = (colour) => {
    const numbers = (colour.match(/[\d.]+/g) || []).map(Number);
    return colour.startsWith("rgb") && (numbers.length < 4 || numbers[3] > 0) ? numbers.slice(0, 3) : null;
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parsed(getComputedStyle(at).backgroundColor);
      if (colour) return colour;
    }
    return [255, 255, 255];
  };
  const under = (text) => {
    const box = text.getBoundingClientRect();
    for (const element of document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2)) {
      if (element.closest("text")) continue;
      if (element.ownerSVGElement) {
        const fill = element.tagName === "line" ? null : parsed(getComputedStyle(element).fill);
        if (fill) return fill;
      } else {
        return ground(element);
      }
    }
    return ground(document.body);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || seen.has(element) || !isShown(element)) continue;
    seen.add(element);
    if (["STYLE", "TITLE", "title", "desc"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const isDrawn = element.closest("svg");
    const colour = parsed(isDrawn ? style.fill : style.color);
    // A halo in the colour of the page lies around these.
    const back = isDrawn && !element.classList.contains("halo") ? under(element) : ground(isDrawn ? document.body : element);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const found = contrast(colour, back);
    if (found < needed) faults.push(`contrast ${found.toFixed(2)} < ${needed}: ${say(element)}`);
  }
  return [...new Set(faults)];
}
