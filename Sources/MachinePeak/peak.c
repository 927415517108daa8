#include "MachinePeak.h"
#include "unit.h"

#include <time.h>

enum { LOOPS = 6 };

/// CPU seconds of this thread: what others do on the core does not count.
static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double timed(const struct unit *unit, size_t turns) {
    double begun = cpu_seconds();
    unit->turn(turns);
    return cpu_seconds() - begun;
}

static double gops(const struct unit *unit, double seconds) {
    // The first turns wake the unit up: wide units are switched on only when they are used.
    size_t turns = 1000;
    double taken = timed(unit, turns);
    while (taken < seconds / 4) {
        turns *= 2;
        taken = timed(unit, turns);
    }
    double best = taken;
    for (int loop = 0; loop < LOOPS; loop++) {
        taken = timed(unit, turns);
        if (taken < best) best = taken;
    }
    return (double)turns * unit->operations / best * 1e-9;
}

size_t machine_peak_measure(struct machine_peak *peaks, size_t capacity, double seconds) {
    size_t count = 0;
    for (size_t index = 0; index < machine_unit_count; index++) {
        const struct unit *unit = &machine_units[index];
        if (!unit->exists()) continue;
        if (count < capacity) {
            peaks[count] = (struct machine_peak){unit->precision, unit->name, gops(unit, seconds)};
        }
        count++;
    }
    return count < capacity ? count : capacity;
}
