#ifndef MACHINE_PEAK_H
#define MACHINE_PEAK_H

#include <stddef.h>

/// The most that one unit of one core can do at one precision, in 10⁹ operations per second of CPU time.
///
/// A multiplication with the addition that follows it counts as two operations.
struct machine_peak {
    /// `fp32`, `bf16` or `int8`: what is multiplied; sums are fp32, of int8 they are int32.
    const char *precision;
    /// `portable`, `avx2`, `avx512`, `avx_vnni`, `avx512_vnni`, `avx512_bf16` or `amx`.
    const char *unit;
    double gops;
};

/// Measures every unit that this core has, one after the other; writes at most `capacity` and returns how many there are.
///
/// Each takes about three times `seconds`; the best of several loops counts, as whatever disturbs a loop makes it slower.
size_t machine_peak_measure(struct machine_peak *peaks, size_t capacity, double seconds);

#endif
