/* Runs kernels three times (in order; in a random order; in a random order, written over an argument) and compares.
   Each array has memory of its own, of just the size that the kernel is told, so that a sanitizer sees any step out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long long *order;
#undef EACH
#define EACH(T, i, n) for (T k_ = 0, i = (T)order[0]; k_ < (T)(n); ++k_, i = (T)order[k_ < (T)(n) ? k_ : 0])

typedef struct { size_t bytes, start; char kind; int size, over; } Array; /* over: an output that may lie on it, or -1 */
typedef void (*Call)(char **, const int *, int);

static unsigned long long state = 88172645463325252ULL;
static unsigned long long draw(void) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return state;
}

static void fill(char *p, const Array *a) {
    for (size_t i = 0; i < a->bytes / a->size; ++i) {
        if (a->kind == 'f' && a->size == 4) ((float *)p)[i] = (float)(draw() % 4096) / 2048.0f;
        else if (a->kind == 'f') ((double *)p)[i] = (double)(draw() % 4096) / 2048.0;
        else if (a->size == 1) p[i] = (char)(draw() & 1);
        else if (a->size == 4) ((int *)p)[i] = (int)(draw() & 1);
        else ((long long *)p)[i] = (long long)(draw() & 1);
    }
}

static void shuffle(long long n, int keep) {
    for (long long i = 0; i < n; ++i) order[i] = i;
    for (long long i = n - 1; !keep && i > 0; --i) {
        long long j = (long long)(draw() % (unsigned long long)(i + 1)), x = order[i];
        order[i] = order[j]; order[j] = x;
    }
}

static int check(Call call, const Array *arrays, int inputs, int all, long long places) {
    char *first[64], *given[64], *in[64];
    const int counter = 1;
    int wrong = 0;
    order = malloc((size_t)(places ? places : 1) * sizeof *order);
    for (int i = 0; i < all; ++i) fill(in[i] = malloc(arrays[i].bytes), &arrays[i]);
    for (int run = 0; run < 3; ++run) {
        for (int i = 0; i < all; ++i) memcpy(given[i] = malloc(arrays[i].bytes), in[i], arrays[i].bytes);
        if (run == 2)
            for (int i = 0; i < inputs; ++i)
                if (arrays[i].over >= 0) { free(given[arrays[i].over]); given[arrays[i].over] = given[i]; }
        shuffle(places, run == 0);
        char *pointers[64];
        for (int i = 0; i < all; ++i) pointers[i] = given[i] + arrays[i].start;
        call(pointers, &counter, 2);
        for (int i = inputs; i < all; ++i) {
            if (run && memcmp(first[i], given[i], arrays[i].bytes)) wrong = run;
            if (!run) memcpy(first[i] = malloc(arrays[i].bytes), given[i], arrays[i].bytes);
        }
        for (int i = 0; i < all; ++i)
            if (!(run == 2 && i < inputs && arrays[i].over >= 0)) free(given[i]);
    }
    for (int i = 0; i < all; ++i) free(in[i]);
    for (int i = inputs; i < all; ++i) free(first[i]);
    free(order);
    return wrong;
}
