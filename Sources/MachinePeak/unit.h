#ifndef MACHINE_PEAK_UNIT_H
#define MACHINE_PEAK_UNIT_H

#include <stdbool.h>
#include <stddef.h>

/// A unit of the core, and the loop that keeps it busy.
struct unit {
    const char *precision;
    const char *name;
    /// Operations of one turn of the loop.
    double operations;
    /// Turns the loop; registers only, so that neither cache nor memory is measured.
    void (*turn)(size_t turns);
    bool (*exists)(void);
};

/// The units that this architecture may have.
extern const struct unit machine_units[];
extern const size_t machine_unit_count;

/// Multiplies and adds in the compiler's own vectors: for every architecture, and as good as the compiler.
void turn_portable(size_t turns);
#define PORTABLE_OPERATIONS (12 * 4 * 2.0)

#endif
