// A network as a list of operations on planes, which program.py makes; then its dense layers.
//
// Operations of one stage go chunk by chunk, so that what one leaves is in the cache for the next.
// Only batch norm needs the whole batch: a stage begins with it. Backwards likewise.
#pragma once
#include "convolution.h"
#include "dense.h"
#include "images.h"
#include "loss.h"
#include "norm.h"
#include "optimiser.h"
#include "pooling.h"

typedef enum {
    INPUT,                // to
    CONVOLVE,             // from, lists, bias; to, beside, choice, ending: see Target
    WEIGHT_GRADIENT,      // from, beside: gradient of its output, lists, sums, bias gradient
    RELU_BACKWARD,        // from: gradient, beside: output, to
    SPLIT,                // from, to, size: stride
    MERGE,                // from, to, size: stride
    MULTIPLY,             // from, beside: factors, to
    MAX_POOL,             // from, to, size, choice
    MAX_POOL_BACKWARD,    // from: gradient, beside: output or null, to, size, choice
    AVERAGE_POOL,         // from, to, size
    AVERAGE_POOL_BACKWARD,
    NORM_STATISTICS,      // from
    NORMALISE,            // from, beside: shortcut or null, to, ending: STORE or RELU
    NORM_BACKWARD_SUMS,   // from: z, beside: output or null, to: gradient, other: shortcut's or null
    NORM_BACKWARD,        // from: z, beside: gradient, to
} Kind;

typedef struct {
    int32_t kind, stage, size, ending;
    const Planes *from, *to, *beside, *other;
    const Lists *lists;
    const Norm *norm;
    const float *bias;
    float *bias_gradient;
    native *sums;
    choice_vec *choice;
} Operation;

// What a convolution trains.
typedef struct {
    int32_t slots, mirrored;          // slots: a multiple of 16
    const uint16_t *alive;            // a bit per slot
    float *weight, *first, *second;   // in the order of its lists; the optimiser's moments
    native *sums;                     // of every four slots
    const int32_t *mirror;            // weight i of the lists by input channel is weight mirror[i]
    float *mirror_weight;
} Kernel;

// Biases, scales and shifts; padded to a multiple of 16.
typedef struct {
    int32_t size;
    float *value, *gradient, *first, *second;
} Vector;

typedef struct {
    int32_t forward_length, backward_length, kernels, vectors, depth, width;
    const Operation *forward, *backward;
    const Kernel *kernel;
    const Vector *vector;
    const Layer *dense;
    float *dense_input, *dense_gradient;  // [unit][width]
} Network;

// A batch: rows `index` of the images, or those from `first` on where it is null.
typedef struct {
    const Images *images;
    const int32_t *labels, *index;
    const int64_t (*crops)[3];
    int32_t first, size;
} Batch;

static void operate(const Operation *o, const Batch *b, int chunk, int training) {
    int rest = b->size - chunk * W, live = rest < W ? rest : W;
    int pixels = o->from ? o->from->height * o->from->width : 0;
    switch ((Kind)o->kind) {
    case INPUT:
        place_images(b->images, b->index ? b->index + chunk * W : 0, b->first + chunk * W,
                     b->crops ? b->crops + chunk * W : 0, live, o->to, chunk);
        break;
    case CONVOLVE:
        convolve(o->lists, o->from, o->bias,
                 (Target){o->to, o->beside, o->choice, (Ending)o->ending}, chunk);
        break;
    case WEIGHT_GRADIENT:
        weight_gradient(o->lists, o->from, o->beside, o->sums, o->bias_gradient, chunk);
        break;
    case RELU_BACKWARD: relu_backward(o->beside, o->from, o->to, chunk); break;
    case SPLIT: split_phases(o->from, o->to, o->size, chunk); break;
    case MERGE: merge_phases(o->from, o->to, o->size, chunk); break;
    case MULTIPLY: multiply(o->from, o->beside, o->to, chunk); break;
    case MAX_POOL: max_pool(o->from, o->to, o->size, o->choice, chunk); break;
    case MAX_POOL_BACKWARD:
        max_pool_backward(o->from, o->beside, o->to, o->size, o->choice, chunk);
        break;
    case AVERAGE_POOL: average_pool(o->from, o->to, o->size, chunk); break;
    case AVERAGE_POOL_BACKWARD: average_pool_backward(o->from, o->to, o->size, chunk); break;
    case NORM_STATISTICS: norm_statistics(o->norm, o->from, chunk, live); break;
    case NORMALISE:
        if (chunk == 0 && training) norm_of_batch(o->norm, b->size, pixels);
        if (chunk == 0 && !training) norm_of_running(o->norm);
        normalise(o->norm, o->from, o->beside, o->to, o->ending == RELU, chunk);
        break;
    case NORM_BACKWARD_SUMS:
        norm_backward_sums(o->norm, o->from, o->beside, o->to, o->other, chunk);
        break;
    case NORM_BACKWARD:
        if (chunk == 0) norm_backward_of_batch(o->norm, b->size, pixels);
        norm_backward(o->norm, o->from, o->beside, o->to, chunk, live);
    }
}

static void operate_all(const Operation *all, int length, const Batch *b, int training) {
    for (int i = 0, end; i < length; i = end) {
        for (end = i; end < length && all[end].stage == all[i].stage;) end++;
        for (int chunk = 0; chunk * W < b->size; chunk++)
            for (int k = i; k < end; k++) operate(all + k, b, chunk, training);
    }
}

static void clear_gradients(const Network *n) {
    for (int i = 0; i < n->kernels; i++)
        memset(n->kernel[i].sums, 0, (size_t)n->kernel[i].slots / 4 * sizeof(native));
    for (int i = 0; i < n->vectors; i++)
        memset(n->vector[i].gradient, 0, (size_t)n->vector[i].size * sizeof(float));
}

static void step_kernel(const Kernel *k, const Step *step) {
    for (int i = 0; i < k->slots; i += W) {
        float g[W];
        for (int j = 0; j < W; j++) {
            float sum = 0;
            for (int part = j % 4; part < NATIVE; part += 4) sum += k->sums[(i + j) / 4][part];
            g[j] = k->alive[i / W] >> j & 1 ? sum : 0;  // a slot that pads stays zero
        }
        update(step, g, k->weight + i, k->first + i, k->second + i);
    }
    for (int i = 0; i < k->mirrored; i++) k->mirror_weight[i] = k->weight[k->mirror[i]];
}

// One iteration, the `iteration`-th, on a batch.
void train_network(const Network *n, const Batch *b, const Optimiser *optimiser, double rate,
                   int64_t iteration) {
    uint64_t mode = flush_denormals();
    Step step = step_of(optimiser, rate, iteration);
    clear_gradients(n);
    operate_all(n->forward, n->forward_length, b, 1);
    forward(n->dense, n->depth, n->dense_input, n->width);
    loss_gradient(n->dense + n->depth - 1, b->labels, b->index, b->size, n->width);
    backward(n->dense, n->depth, n->dense_input, n->dense_gradient, n->width, &step);
    operate_all(n->backward, n->backward_length, b, 1);
    for (int i = 0; i < n->kernels; i++) step_kernel(n->kernel + i, &step);
    for (int i = 0; i < n->vectors; i++) {
        const Vector *v = n->vector + i;
        for (int j = 0; j < v->size; j += W)
            update(&step, v->gradient + j, v->value + j, v->first + j, v->second + j);
    }
    restore_denormals(mode);
}

// Adds the losses and the number of right answers of examples first..end-1.
void evaluate_network(const Network *n, const Images *images, const int32_t *labels, int first,
                      int end, double *loss, int64_t *correct) {
    uint64_t mode = flush_denormals();
    for (; first < end; first += n->width) {
        int size = end - first < n->width ? end - first : n->width;
        Batch b = {images, labels, 0, 0, first, size};
        operate_all(n->forward, n->forward_length, &b, 0);
        forward(n->dense, n->depth, n->dense_input, n->width);
        add_score(n->dense + n->depth - 1, labels + first, size, n->width, loss, correct);
    }
    restore_denormals(mode);
}
