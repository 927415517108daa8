#if defined(__x86_64__)

    #include "x86_loops.h"

    // Sums are registers 0…11, factors 14 and 15. They start from zero: multiplying zeros takes as long as anything else,
    // and neither overflows nor gets denormal.
    #define EACH(INSTRUCTION, REGISTER) \
        INSTRUCTION(REGISTER, "0") INSTRUCTION(REGISTER, "1") INSTRUCTION(REGISTER, "2") INSTRUCTION(REGISTER, "3") \
        INSTRUCTION(REGISTER, "4") INSTRUCTION(REGISTER, "5") INSTRUCTION(REGISTER, "6") INSTRUCTION(REGISTER, "7") \
        INSTRUCTION(REGISTER, "8") INSTRUCTION(REGISTER, "9") INSTRUCTION(REGISTER, "10") INSTRUCTION(REGISTER, "11")
    #define CLEARED \
        "vpxor %%xmm0, %%xmm0, %%xmm0\n vpxor %%xmm1, %%xmm1, %%xmm1\n vpxor %%xmm2, %%xmm2, %%xmm2\n" \
        "vpxor %%xmm3, %%xmm3, %%xmm3\n vpxor %%xmm4, %%xmm4, %%xmm4\n vpxor %%xmm5, %%xmm5, %%xmm5\n" \
        "vpxor %%xmm6, %%xmm6, %%xmm6\n vpxor %%xmm7, %%xmm7, %%xmm7\n vpxor %%xmm8, %%xmm8, %%xmm8\n" \
        "vpxor %%xmm9, %%xmm9, %%xmm9\n vpxor %%xmm10, %%xmm10, %%xmm10\n vpxor %%xmm11, %%xmm11, %%xmm11\n" \
        "vpxor %%xmm14, %%xmm14, %%xmm14\n vpxor %%xmm15, %%xmm15, %%xmm15\n"
    #define LOOP(BODY) \
        __asm__ volatile(CLEARED "1:\n" BODY "dec %0\n jnz 1b\n vzeroupper\n" \
            : "+r"(turns) : : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
              "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

    #define FMA(R, SUM) "vfmadd231ps %%" R "14, %%" R "15, %%" R SUM "\n"
    #define DOT(R, SUM) "vpdpbusd %%" R "14, %%" R "15, %%" R SUM "\n"
    #define VEX_DOT(R, SUM) "%{vex%} vpdpbusd %%" R "14, %%" R "15, %%" R SUM "\n"
    #define BF16(R, SUM) "vdpbf16ps %%" R "14, %%" R "15, %%" R SUM "\n"
    // What a CPU without VNNI does for one step of an int8 product.
    #define PAIRS(R, SUM) \
        "vpmaddubsw %%" R "14, %%" R "15, %%" R "12\n" \
        "vpmaddwd %%" R "12, %%" R "14, %%" R "13\n" \
        "vpaddd %%" R "13, %%" R SUM ", %%" R SUM "\n"

void turn_avx2_fp32(size_t turns) { LOOP(EACH(FMA, "ymm")); }
void turn_avx2_int8(size_t turns) { LOOP(EACH(PAIRS, "ymm")); }
void turn_avx_vnni(size_t turns) { LOOP(EACH(VEX_DOT, "ymm")); }
void turn_avx512_fp32(size_t turns) { LOOP(EACH(FMA, "zmm")); }
void turn_avx512_bf16(size_t turns) { LOOP(EACH(BF16, "zmm")); }
void turn_avx512_vnni(size_t turns) { LOOP(EACH(DOT, "zmm")); }

    #if defined(__linux__)
/// Layout of the tiles: palette 1, eight tiles of 16 rows of 64 bytes.
struct tile_layout {
    unsigned char palette, start_row, reserved[14];
    unsigned short row_bytes[16];
    unsigned char rows[16];
};

static struct tile_layout whole_tiles(void) {
    struct tile_layout layout = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        layout.row_bytes[tile] = 64;
        layout.rows[tile] = 16;
    }
    return layout;
}

        // Four sums from two times two factors, as in a real product.
        #define TILES(DOT) \
            struct tile_layout layout = whole_tiles(); \
            __asm__ volatile( \
                "ldtilecfg %1\n tilezero %%tmm0\n tilezero %%tmm1\n tilezero %%tmm2\n tilezero %%tmm3\n" \
                "tilezero %%tmm4\n tilezero %%tmm5\n tilezero %%tmm6\n tilezero %%tmm7\n" \
                "1:\n" DOT " %%tmm6, %%tmm4, %%tmm0\n" DOT " %%tmm7, %%tmm4, %%tmm1\n" DOT " %%tmm6, %%tmm5, %%tmm2\n" \
                DOT " %%tmm7, %%tmm5, %%tmm3\n dec %0\n jnz 1b\n tilerelease\n" \
                : "+r"(turns) : "m"(layout) : "cc")

void turn_amx_bf16(size_t turns) { TILES("tdpbf16ps"); }
void turn_amx_int8(size_t turns) { TILES("tdpbssd"); }
    #endif

#endif
