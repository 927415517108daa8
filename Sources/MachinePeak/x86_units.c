#if defined(__x86_64__)

    #include "unit.h"
    #include "x86_loops.h"

    #include <cpuid.h>

    #if defined(__linux__)
        #include <sys/syscall.h>
        #include <unistd.h>
    #endif

/// What CPUID says about leaf 7; zeros where there is no such leaf.
struct features {
    unsigned ebx, ecx, edx, eax1;
};

static struct features features(void) {
    struct features found = {0};
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid_count(7, 0, &eax, &found.ebx, &found.ecx, &found.edx)) return found;
    if (eax >= 1) __get_cpuid_count(7, 1, &found.eax1, &ebx, &ecx, &edx);
    return found;
}

/// Which registers the operating system saves, as bits of XCR0.
static unsigned saved_registers(void) {
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & (1u << 27))) return 0;
    __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return eax;
}

static bool saves(unsigned registers) { return (saved_registers() & registers) == registers; }

enum { YMM = 0x6, ZMM = 0xe6, TILES = 0x60000 };

static bool has_avx2(void) {
    unsigned eax, ebx, ecx, edx;
    bool fma = __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & (1u << 12));
    return fma && saves(YMM) && (features().ebx & (1u << 5));
}

/// The compiler's vectors are a yardstick only where there is no better one.
static bool has_nothing_better(void) { return !has_avx2(); }

static bool has_avx512(void) { return saves(ZMM) && (features().ebx & (1u << 16)); }
static bool has_avx_vnni(void) { return has_avx2() && (features().eax1 & (1u << 4)); }
static bool has_avx512_vnni(void) { return has_avx512() && (features().ecx & (1u << 11)); }
static bool has_avx512_bf16(void) { return has_avx512() && (features().eax1 & (1u << 5)); }

    #if defined(__linux__)
/// Whether the tiles can be used; Linux gives a process their registers only when it asks.
static bool has_tiles(void) {
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, TILE_DATA = 18 };
    return (features().edx & (1u << 24)) && saves(TILES)
        && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0;
}

static bool has_amx_bf16(void) { return (features().edx & (1u << 22)) && has_tiles(); }
static bool has_amx_int8(void) { return (features().edx & (1u << 25)) && has_tiles(); }
    #endif

const struct unit machine_units[] = {
    {"fp32", "portable", PORTABLE_OPERATIONS, turn_portable, has_nothing_better},
    {"fp32", "avx2", SUMS * 8 * 2.0, turn_avx2_fp32, has_avx2},
    {"fp32", "avx512", SUMS * 16 * 2.0, turn_avx512_fp32, has_avx512},
    {"bf16", "avx512_bf16", SUMS * 32 * 2.0, turn_avx512_bf16, has_avx512_bf16},
    #if defined(__linux__)
    {"bf16", "amx", 4 * 16 * 16 * 32 * 2.0, turn_amx_bf16, has_amx_bf16},
    #endif
    {"int8", "avx2", SUMS * 32 * 2.0, turn_avx2_int8, has_avx2},
    {"int8", "avx_vnni", SUMS * 32 * 2.0, turn_avx_vnni, has_avx_vnni},
    {"int8", "avx512_vnni", SUMS * 64 * 2.0, turn_avx512_vnni, has_avx512_vnni},
    #if defined(__linux__)
    {"int8", "amx", 4 * 16 * 16 * 64 * 2.0, turn_amx_int8, has_amx_int8},
    #endif
};
const size_t machine_unit_count = sizeof machine_units / sizeof machine_units[0];

#endif
