#include "unit.h"

typedef float lanes __attribute__((vector_size(16)));

void turn_portable(size_t turns) {
    lanes a = (lanes){0} + 0.5f, b = (lanes){0} + 0.25f, sums[12] = {0};
    // The compiler may neither compute these beforehand nor throw the sums away.
    __asm__ volatile("" : "+m"(a), "+m"(b));
    for (size_t turn = 0; turn < turns; turn++) {
#pragma clang loop unroll(full)
        for (int index = 0; index < 12; index++) sums[index] += a * b;
        __asm__ volatile("" : "+m"(a));
    }
    __asm__ volatile("" : : "m"(sums));
}

#if !defined(__x86_64__)
static bool exists_always(void) { return true; }

const struct unit machine_units[] = {{"fp32", "portable", PORTABLE_OPERATIONS, turn_portable, exists_always}};
const size_t machine_unit_count = 1;
#endif
