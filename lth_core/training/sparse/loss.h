// Softmax and cross-entropy.
#pragma once
#include "dense.h"

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

// Adds the losses and the number of right answers (first of ties) of the first `count` examples.
static void add_score(const Layer *last, const int32_t *label, int count, int width, double *loss,
                      int64_t *correct) {
    for (int e = 0; e < count; e += W) {
        float sum[W], max[W];
        const float *z = last->output + e;
        softmax(z, last->outputs, width, last->gradient, W, sum, max);
        for (int i = 0; i < W && e + i < count; i++) {
            int found = label[e + i], best = 0;
            for (int c = 1; c < last->outputs; c++)
                if (z[c * width + i] > z[best * width + i]) best = c;
            *correct += best == found;
            *loss += log((double)sum[i]) + (double)(max[i] - z[found * width + i]);
        }
    }
}
