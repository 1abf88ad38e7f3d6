// Training and evaluation of fully-connected ReLU networks over their surviving weights only.
//
// Activations lie as [unit][width]: the examples of a batch are contiguous, zero-padded to a
// multiple of 16, so that every weight is one scalar times a contiguous vector. Weights lie in
// slots: blocks of R consecutive output units (R = 4 for dense layers, which reuses each loaded
// input four times; R = 1 for sparse ones), within a block the input units that any of the R
// units uses, padded so that 16 slots always belong to one block. A layer whose inputs exceed
// the first cache is cut into panels of input units, so a unit may appear in several blocks.
// `alive` tells surviving weights from slots that only pad; a padding slot's gradient is
// cleared, so it stays exactly zero even where gradients are NaN.
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
// Loops of constant length over registers: unrolled, or the registers would be memory.
#define UNROLLED _Pragma("GCC unroll 16") for
enum { W = 16 };
typedef float vec __attribute__((vector_size(64), may_alias));
typedef int32_t int_vec __attribute__((vector_size(64), may_alias));
typedef float loose_vec __attribute__((vector_size(64), may_alias, aligned(4)));

#if defined(__AVX512F__)
enum { TILE_DENSE = 4, TILE_SPARSE = 4 };  // vectors of examples held in registers per output unit
#else
enum { TILE_DENSE = 1, TILE_SPARSE = 4 };
#endif

typedef struct {
    int32_t inputs, outputs, rows, blocks;  // rows: R
    const int32_t *unit, *start, *column;   // block b: unit[b] on, column[start[b]..start[b+1])
    const uint16_t *alive;                  // a bit per slot
    float *weight, *first, *second;         // [column][R]; the optimiser's moments
    float *bias, *bias_first, *bias_second; // padded to a multiple of 16
    float *output, *gradient;               // [unit][width]
} Layer;

typedef struct {
    int32_t kind;  // 0 sgd, 1 momentum, 2 adam
    double learning_rate, momentum, beta1, beta2, epsilon;
} Optimiser;

// Indices for __builtin_shufflevector(p, q): lane i of p and q mixed at distance h.
#define KEEP_LANE(i, h) ((i) & (h) ? (i) + 16 : (i))
#define SWAP_LANE(i, h) (KEEP_LANE(i, h) ^ (h))
#define LOW_LANE(i, h) ((i) & (h) ? ((i) ^ (h)) + 16 : (i))
#define HIGH_LANE(i, h) ((i) & (h) ? (i) + 16 : (i) ^ (h))
#define LANES(F, h) F(0, h), F(1, h), F(2, h), F(3, h), F(4, h), F(5, h), F(6, h), F(7, h), \
    F(8, h), F(9, h), F(10, h), F(11, h), F(12, h), F(13, h), F(14, h), F(15, h)

#define BIT_LANE(i, h) (h) << (i)
static const int_vec LANE_BIT = {LANES(BIT_LANE, 1)};

// s[i] becomes sum of lanes of s[i], for i = 0..15, returned as one vector.
#define FOLD(h, n) \
    UNROLLED (int i = 0; i < (n); i++) \
        s[i] = __builtin_shufflevector(s[2 * i], s[2 * i + 1], LANES(KEEP_LANE, h)) \
             + __builtin_shufflevector(s[2 * i], s[2 * i + 1], LANES(SWAP_LANE, h));
INLINE vec lane_sums(vec s[W]) {
    FOLD(1, 8) FOLD(2, 4) FOLD(4, 2) FOLD(8, 1)
    return s[0];
}

#define EXCHANGE(h) \
    UNROLLED (int i = 0; i < W; i++) if (!(i & (h))) { \
        vec p = s[i], q = s[i + (h)]; \
        s[i] = __builtin_shufflevector(p, q, LANES(LOW_LANE, h)); \
        s[i + (h)] = __builtin_shufflevector(p, q, LANES(HIGH_LANE, h)); \
    }
INLINE void transpose(vec s[W]) { EXCHANGE(8) EXCHANGE(4) EXCHANGE(2) EXCHANGE(1) }

// Rows `index` (or the first `count`) of `images` as columns of x [features][width]; columns
// from `count` on are zero.
static void gather(const float *images, const int32_t *index, int count, int features, int width,
                   float *x) {
    for (int e = 0; e < width; e += W) {
        const float *row[W];
        for (int i = 0; i < W; i++) {
            size_t example = index && e + i < count ? index[e + i] : e + i;
            row[i] = e + i < count ? images + example * features : 0;
        }
        int f = 0;
        for (; f + W <= features; f += W) {
            vec s[W];
            UNROLLED (int i = 0; i < W; i++)
                s[i] = row[i] ? *(const loose_vec *)(row[i] + f) : (vec){0};
            transpose(s);
            UNROLLED (int i = 0; i < W; i++) *(vec *)(x + (size_t)(f + i) * width + e) = s[i];
        }
        for (; f < features; f++)
            for (int i = 0; i < W; i++) x[(size_t)f * width + e + i] = row[i] ? row[i][f] : 0;
    }
}

// Adds block b to the output for V vectors of examples from example e on.
INLINE void forward_tile(const Layer *l, const float *x, int width, int b, int e, const int R,
                         const int V) {
    vec sum[4][4];
    float *y = l->output + (size_t)l->unit[b] * width + e;
    UNROLLED (int r = 0; r < R; r++)
        UNROLLED (int v = 0; v < V; v++) sum[r][v] = *(vec *)(y + r * width + v * W);
    for (int k = l->start[b]; k < l->start[b + 1]; k++) {
        const vec *in = (const vec *)(x + (size_t)l->column[k] * width + e);
        UNROLLED (int r = 0; r < R; r++)
            UNROLLED (int v = 0; v < V; v++) sum[r][v] += l->weight[k * R + r] * in[v];
    }
    UNROLLED (int r = 0; r < R; r++)
        UNROLLED (int v = 0; v < V; v++) *(vec *)(y + r * width + v * W) = sum[r][v];
}

INLINE void forward_blocks(const Layer *l, const float *x, int width, const int R, const int V) {
    for (int b = 0; b < l->blocks; b++) {
        int e = 0;
        for (; e + V * W <= width; e += V * W) forward_tile(l, x, width, b, e, R, V);
        for (; e < width; e += W) forward_tile(l, x, width, b, e, R, 1);
    }
}

static void forward(const Layer *layers, int depth, const float *x, int width) {
    for (int d = 0; d < depth; d++) {
        const Layer *l = layers + d;
        float *y = l->output;
        for (int u = 0; u < l->outputs; u++)
            for (int e = 0; e < width; e++) y[(size_t)u * width + e] = l->bias[u];
        if (l->rows == 4) forward_blocks(l, x, width, 4, TILE_DENSE);
        else forward_blocks(l, x, width, 1, TILE_SPARSE);
        if (d + 1 < depth)  // ReLU; NaN stays NaN
            for (size_t i = 0; i < (size_t)l->outputs * width; i++) y[i] = y[i] < 0 ? 0 : y[i];
        x = y;
    }
}

// One optimiser step (torch.optim's formulas) on 16 weights with gradients g.
typedef struct { int32_t kind; float rate, momentum, keep1, keep2, epsilon; } Step;

INLINE void update(const Step *o, const float *g, float *w, float *first, float *second) {
    if (o->kind == 2) {
        for (int i = 0; i < W; i++) {
            float m = first[i] + o->keep1 * (g[i] - first[i]);
            float v = second[i] + o->keep2 * (g[i] * g[i] - second[i]);
            first[i] = m;
            second[i] = v;
            w[i] -= o->rate * m / (sqrtf(v) + o->epsilon);
        }
    } else if (o->kind == 1) {
        for (int i = 0; i < W; i++) w[i] -= o->rate * (first[i] = o->momentum * first[i] + g[i]);
    } else {
        for (int i = 0; i < W; i++) w[i] -= o->rate * g[i];
    }
}

static Step step_of(const Optimiser *o, int64_t step) {
    Step s = {o->kind, (float)o->learning_rate, (float)o->momentum, (float)(1 - o->beta1),
              (float)(1 - o->beta2), (float)o->epsilon};
    if (o->kind == 2) {  // both bias corrections folded into rate and epsilon
        double correct1 = 1 - pow(o->beta1, (double)step);
        double root2 = sqrt(1 - pow(o->beta2, (double)step));
        s.rate = (float)(o->learning_rate * root2 / correct1);
        s.epsilon = (float)(o->epsilon * root2);
    }
    return s;
}

// Input gradient dx (if asked for), weight gradient and step of the blocks of a layer.
INLINE void backward_blocks(const Layer *l, const float *x, float *dx, int width, const Step *o,
                            const int R) {
    const int C = W / R, vectors = width / W;
    for (int b = 0; b < l->blocks; b++) {
        const vec *dy = (const vec *)(l->gradient + (size_t)l->unit[b] * width);
        for (int k = l->start[b]; k < l->start[b + 1]; k += C) {
            float *w = l->weight + (size_t)k * R;
            if (dx)
                UNROLLED (int c = 0; c < C; c++) {
                    vec *d = (vec *)(dx + (size_t)l->column[k + c] * width);
                    for (int v = 0; v < vectors; v++) {
                        vec t = d[v];
                        UNROLLED (int r = 0; r < R; r++) t += w[c * R + r] * dy[r * vectors + v];
                        d[v] = t;
                    }
                }
            const vec *in[W];
            vec sum[W];
            UNROLLED (int c = 0; c < C; c++)
                in[c] = (const vec *)(x + (size_t)l->column[k + c] * width);
            UNROLLED (int i = 0; i < W; i++) sum[i] = (vec){0};
            for (int v = 0; v < vectors; v++)
                UNROLLED (int c = 0; c < C; c++)
                    UNROLLED (int r = 0; r < R; r++)
                        sum[c * R + r] += in[c][v] * dy[r * vectors + v];
            union { vec v; int_vec bits; float f[W]; } g = {lane_sums(sum)};
            g.bits &= (((int_vec){0} + l->alive[k / C]) & LANE_BIT) != 0;
            update(o, g.f, w, l->first + (size_t)k * R, l->second + (size_t)k * R);
        }
    }
}

static void backward(const Layer *layers, int depth, const float *image, int width, const Step *o) {
    for (int d = depth - 1; d >= 0; d--) {
        const Layer *l = layers + d;
        const float *x = d ? layers[d - 1].output : image;
        float *dx = d ? layers[d - 1].gradient : 0;
        if (d + 1 < depth)  // ReLU
            for (size_t i = 0; i < (size_t)l->outputs * width; i++)
                l->gradient[i] = l->output[i] > 0 ? l->gradient[i] : 0;
        if (dx) memset(dx, 0, (size_t)l->inputs * width * sizeof(float));
        if (l->rows == 4) backward_blocks(l, x, dx, width, o, 4);
        else backward_blocks(l, x, dx, width, o, 1);
        for (int u = 0; u < l->outputs; u += W) {
            vec sum[W];
            UNROLLED (int i = 0; i < W; i++) {
                sum[i] = (vec){0};
                if (u + i < l->outputs)
                    for (int v = 0; v < width / W; v++)
                        sum[i] += ((const vec *)(l->gradient + (size_t)(u + i) * width))[v];
            }
            union { vec v; float f[W]; } g = {lane_sums(sum)};
            update(o, g.f, l->bias + u, l->bias_first + u, l->bias_second + u);
        }
    }
}

// e^x for x <= 0 (Cephes' polynomial; relative error about 1e-7). NaN gives NaN.
INLINE float exponential(float x) {
    x = x < -87 ? -87 : x;
    union { float f; uint32_t bits; } n = {x * 1.44269504f + 12582912.0f}, scale;
    float whole = n.f - 12582912.0f, r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    scale.bits = (n.bits + 127) << 23;
    return (p * r * r + r + 1) * scale.f;
}

// For 16 examples of logits z [class][width]: p [class][16] = e^(z - max), its sum, and max.
INLINE void softmax(const float *z, int classes, int width, float *p, int stride, float *sum,
                    float *max) {
    for (int i = 0; i < W; i++) max[i] = z[i], sum[i] = 0;
    for (int c = 1; c < classes; c++)
        for (int i = 0; i < W; i++) max[i] = z[c * width + i] > max[i] ? z[c * width + i] : max[i];
    for (int c = 0; c < classes; c++)
        for (int i = 0; i < W; i++) {
            float t = exponential(z[c * width + i] - max[i]);
            sum[i] += t;
            p[c * stride + i] = t;
        }
}

// Gradient of the mean cross-entropy by the logits; zero for the padding examples.
static void loss_gradient(const Layer *last, const int32_t *label, const int32_t *index, int count,
                          int width) {
    for (int e = 0; e < width; e += W) {
        float sum[W], max[W], *p = last->gradient + e;
        softmax(last->output + e, last->outputs, width, p, width, sum, max);
        for (int i = 0; i < W; i++) sum[i] = 1.0f / (sum[i] * (float)count);
        for (int c = 0; c < last->outputs; c++)
            for (int i = 0; i < W; i++)
                p[c * width + i] = e + i < count ? p[c * width + i] * sum[i] : 0;
        for (int i = 0; i < W && e + i < count; i++)
            p[label[index[e + i]] * width + i] -= 1.0f / (float)count;
    }
}

static uint64_t flush_denormals(void) {
    uint64_t old = 0;
#if defined(__x86_64__)
    old = _mm_getcsr();
    _mm_setcsr((unsigned)old | 0x8040);
#elif defined(__aarch64__)
    __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    __asm__ volatile("msr fpcr, %0" : : "r"(old | (1ull << 24)));
#endif
    return old;
}

static void restore_denormals(uint64_t old) {
#if defined(__x86_64__)
    _mm_setcsr((unsigned)old);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(old));
#endif
}

// Iterations step+1 .. step+iterations; index [iterations][batch] names each batch's examples,
// x [features][width] is scratch, width is batch rounded up to a multiple of 16.
void train(const Layer *layers, int depth, const Optimiser *optimiser, const float *images,
           const int32_t *labels, const int32_t *index, int iterations, int batch, int width,
           int64_t step, float *x) {
    uint64_t mode = flush_denormals();
    for (int t = 0; t < iterations; t++, index += batch) {
        Step o = step_of(optimiser, step + t + 1);
        gather(images, index, batch, layers[0].inputs, width, x);
        forward(layers, depth, x, width);
        loss_gradient(layers + depth - 1, labels, index, batch, width);
        backward(layers, depth, x, width, &o);
    }
    restore_denormals(mode);
}

// Sum of the losses and number of right answers (first of ties) over examples 0..count-1.
void evaluate(const Layer *layers, int depth, const float *images, const int32_t *labels, int count,
              int width, float *x, double *loss, int64_t *correct) {
    uint64_t mode = flush_denormals();
    const Layer *last = layers + depth - 1;
    double total = 0;
    int64_t right = 0;
    for (int from = 0; from < count; from += width) {
        int n = count - from < width ? count - from : width;
        gather(images + (size_t)from * layers[0].inputs, 0, n, layers[0].inputs, width, x);
        forward(layers, depth, x, width);
        for (int e = 0; e < n; e += W) {
            float sum[W], max[W];
            const float *z = last->output + e;
            softmax(z, last->outputs, width, last->gradient, W, sum, max);
            for (int i = 0; i < W && e + i < n; i++) {
                int label = labels[from + e + i], best = 0;
                for (int c = 1; c < last->outputs; c++)
                    if (z[c * width + i] > z[best * width + i]) best = c;
                right += best == label;
                total += log((double)sum[i]) + (double)(max[i] - z[label * width + i]);
            }
        }
    }
    *loss = total;
    *correct = right;
    restore_denormals(mode);
}
