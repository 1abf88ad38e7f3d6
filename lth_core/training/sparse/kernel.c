// The sparse engine: training and evaluation of networks over their surviving weights only. Those of
// dense layers alone do whole stretches of iterations here, the others one at a time in program.h.
#include "dense.h"
#include "images.h"
#include "loss.h"
#include "optimiser.h"
#include "program.h"

// Iterations step+1 .. step+iterations at their `rates`; index [iterations][batch] names each
// batch's examples, x [features][width] is scratch, width is batch rounded up to a multiple of 16.
void train(const Layer *layers, int depth, const Optimiser *optimiser, const double *rates,
           const Images *images, const int32_t *labels, const int32_t *index, int iterations,
           int batch, int width, int64_t step, float *x) {
    uint64_t mode = flush_denormals();
    for (int t = 0; t < iterations; t++, index += batch) {
        Step o = step_of(optimiser, rates[t], step + t + 1);
        gather(images, index, 0, batch, width, x);
        if (t + 1 < iterations) prefetch(images, index + batch, batch);
        forward(layers, depth, x, width);
        loss_gradient(layers + depth - 1, labels, index, batch, width);
        backward(layers, depth, x, 0, width, &o);
    }
    restore_denormals(mode);
}

// Adds the losses and the number of right answers of examples from..end-1.
void evaluate(const Layer *layers, int depth, const Images *images, const int32_t *labels, int from,
              int end, int width, float *x, double *loss, int64_t *correct) {
    uint64_t mode = flush_denormals();
    for (; from < end; from += width) {
        int n = end - from < width ? end - from : width;
        gather(images, 0, from, n, width, x);
        forward(layers, depth, x, width);
        add_score(layers + depth - 1, labels + from, n, width, loss, correct);
    }
    restore_denormals(mode);
}
