// Batch norm (Ioffe and Szegedy, 2015) of planes, with PyTorch's constants.
#pragma once
#include "planes.h"

typedef struct {
    int32_t channels;
    float *scale, *shift, *running_mean, *running_var;
    float *scale_gradient, *shift_gradient;
    float *mean, *inverse;  // inverse: 1 / deviation
    float *multiply;        // z becomes (z - mean) * multiply + shift
    float *of_gradient, *of_input, *constant;  // its gradient: these times g and z - mean, plus this
    double *partial;        // [chunk][channel][2]
} Norm;

static const double MOMENTUM = 0.1, EPSILON = 1e-5;

// Of a chunk's first `live` examples: 1, of the others 0.
INLINE vec live_lanes(int live) {
    vec v = {0};
    for (int i = 0; i < W; i++) v[i] = i < live;
    return v;
}

INLINE float lane_sum(vec v) {
    float sum = 0;
    for (int i = 0; i < W; i++) sum += v[i];
    return sum;
}

// Mean and sum of squared deviations of each channel over the chunk's live examples.
static void norm_statistics(const Norm *n, const Planes *z, int chunk, int live) {
    vec counted = live_lanes(live);
    float values = (float)(z->height * z->width * live);
    for (int c = 0; c < z->channels; c++) {
        vec sum = {0}, squares = {0};
        for (int y = 0; y < z->height; y++)
            for (int x = 0; x < z->width; x++) sum += *pixel_of(z, chunk, c, y, x);
        float mean = lane_sum(sum * counted) / values;
        for (int y = 0; y < z->height; y++)
            for (int x = 0; x < z->width; x++) {
                vec d = *pixel_of(z, chunk, c, y, x) - mean;
                squares += d * d;
            }
        double *partial = n->partial + ((size_t)chunk * n->channels + c) * 2;
        partial[0] = mean;
        partial[1] = lane_sum(squares * counted);
    }
}

// From the chunks' statistics to those of the batch; moves the running ones.
static void norm_of_batch(const Norm *n, int batch, int pixels) {
    double total = (double)batch * pixels;
    int chunks = (batch + W - 1) / W;
    for (int c = 0; c < n->channels; c++) {
        double mean = 0, squares = 0;
        for (int k = 0; k < chunks; k++) {
            double values = (double)pixels * (batch - k * W < W ? batch - k * W : W);
            mean += n->partial[((size_t)k * n->channels + c) * 2] * values / total;
        }
        for (int k = 0; k < chunks; k++) {
            double values = (double)pixels * (batch - k * W < W ? batch - k * W : W);
            const double *partial = n->partial + ((size_t)k * n->channels + c) * 2;
            squares += partial[1] + values * (partial[0] - mean) * (partial[0] - mean);
        }
        double inverse = 1 / sqrt(squares / total + EPSILON);
        n->mean[c] = (float)mean;
        n->inverse[c] = (float)inverse;
        n->multiply[c] = (float)(n->scale[c] * inverse);
        n->running_mean[c] += (float)(MOMENTUM * (mean - n->running_mean[c]));
        n->running_var[c] += (float)(MOMENTUM * (squares / (total - 1) - n->running_var[c]));
    }
}

static void norm_of_running(const Norm *n) {
    for (int c = 0; c < n->channels; c++) {
        n->mean[c] = n->running_mean[c];
        n->multiply[c] = (float)(n->scale[c] / sqrt(n->running_var[c] + EPSILON));
    }
}

// Norms z, adds the shortcut if there is one, and rectifies if asked to.
static void normalise(const Norm *n, const Planes *z, const Planes *shortcut, const Planes *to,
                      int rectify, int chunk) {
    EACH_PIXEL(to) {
        vec v = (*pixel_of(z, chunk, c, y, x) - n->mean[c]) * n->multiply[c] + n->shift[c];
        if (shortcut) v += *pixel_of(shortcut, chunk, c, y, x);
        *pixel_of(to, chunk, c, y, x) = rectify ? relu(v) : v;
    }
}

// Rectifies the gradient of the output in place (output: null where nothing was rectified), passes
// it on to the shortcut, and sums what the gradient of z needs of the chunk.
static void norm_backward_sums(const Norm *n, const Planes *z, const Planes *output,
                               const Planes *gradient, const Planes *shortcut, int chunk) {
    for (int c = 0; c < z->channels; c++) {
        vec sum = {0}, products = {0};
        for (int y = 0; y < z->height; y++)
            for (int x = 0; x < z->width; x++) {
                vec *at = pixel_of(gradient, chunk, c, y, x), g = *at;
                if (output) *at = g = relu_gradient(*pixel_of(output, chunk, c, y, x), g);
                if (shortcut) *pixel_of(shortcut, chunk, c, y, x) = g;
                sum += g;
                products += g * (*pixel_of(z, chunk, c, y, x) - n->mean[c]);
            }
        double *partial = n->partial + ((size_t)chunk * n->channels + c) * 2;
        partial[0] = lane_sum(sum);
        partial[1] = lane_sum(products);
    }
}

// From the chunks' sums to the gradients of scale and shift, and to that of z as a linear function.
static void norm_backward_of_batch(const Norm *n, int batch, int pixels) {
    double total = (double)batch * pixels;
    for (int c = 0; c < n->channels; c++) {
        double sum = 0, products = 0;
        for (int k = 0; k < (batch + W - 1) / W; k++) {
            sum += n->partial[((size_t)k * n->channels + c) * 2];
            products += n->partial[((size_t)k * n->channels + c) * 2 + 1];
        }
        double inverse = n->inverse[c], factor = n->scale[c] * inverse;
        n->scale_gradient[c] = (float)(products * inverse);
        n->shift_gradient[c] = (float)sum;
        n->of_gradient[c] = (float)factor;
        n->of_input[c] = (float)(-factor * inverse * inverse * products / total);
        n->constant[c] = (float)(-factor * sum / total);
    }
}

static void norm_backward(const Norm *n, const Planes *z, const Planes *gradient, const Planes *to,
                          int chunk, int live) {
    vec counted = live_lanes(live);
    EACH_PIXEL(to) {
        vec g = *pixel_of(gradient, chunk, c, y, x) * n->of_gradient[c];
        g += (*pixel_of(z, chunk, c, y, x) - n->mean[c]) * n->of_input[c] + n->constant[c];
        *pixel_of(to, chunk, c, y, x) = g * counted;
    }
}
