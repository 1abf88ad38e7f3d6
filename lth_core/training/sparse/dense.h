// Fully-connected networks over their surviving weights.
#pragma once
#include "by_input.h"
#include "by_unit.h"

static void forward(const Layer *layers, int depth, const float *x, int width) {
    for (int d = 0; d < depth; d++) {
        const Layer *l = layers + d;
        float *y = l->output;
        float least = d + 1 < depth ? 0 : -INFINITY;  // ReLU, but for the logits
        if (l->rows > 1) forward_by_input(l, x, width, least);
        else forward_by_unit(l, x, width, least);
        if (l->dropout)
            for (size_t i = 0; i < (size_t)l->outputs * width; i++) y[i] *= l->dropout[i];
        x = y;
    }
}

// From the gradient of the logits; that of the inputs is left where input_gradient is not null.
static void backward(const Layer *layers, int depth, const float *input, float *input_gradient,
                     int width, const Step *o) {
    for (int d = depth - 1; d >= 0; d--) {
        const Layer *l = layers + d;
        const float *x = d ? layers[d - 1].output : input;
        float *dx = d ? layers[d - 1].gradient : input_gradient;
        if (d + 1 < depth)  // ReLU; a choice would be a masked store, which AVX2 is slow at
            for (size_t i = 0; i < (size_t)l->outputs * width; i++)
                l->gradient[i] *= (float)(l->output[i] > 0);
        if (l->dropout)
            for (size_t i = 0; i < (size_t)l->outputs * width; i++) l->gradient[i] *= l->dropout[i];
        if (dx) memset(dx, 0, (size_t)l->inputs * width * sizeof(float));
        if (l->rows > 1) backward_by_input(l, x, dx, width, o);
        else backward_by_unit(l, x, dx, width, o);
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
