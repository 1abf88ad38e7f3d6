// One optimiser step, by torch.optim's formulas.
#pragma once
#include "vectors.h"

typedef struct {
    int32_t kind;      // 0 sgd, 1 momentum, 2 adam
    int32_t nesterov;  // momentum looks ahead
    int32_t decoupled; // weights decay by themselves (AdamW), and not by their gradient
    double momentum, beta1, beta2, epsilon, weight_decay;
} Optimiser;

// What one iteration makes of it.
typedef struct {
    int32_t kind, nesterov;
    float rate, momentum, keep1, keep2, epsilon;
    float decay;  // times the weight, added to its gradient
    float shrink; // times the weight, before the step
} Step;

// The given iteration, counted from 1, at its learning rate.
static Step step_of(const Optimiser *o, double rate, int64_t iteration) {
    Step s = {o->kind, o->nesterov, (float)rate, (float)o->momentum, (float)(1 - o->beta1),
              (float)(1 - o->beta2), (float)o->epsilon, (float)o->weight_decay, 1};
    if (o->decoupled) s.decay = 0, s.shrink = (float)(1 - rate * o->weight_decay);
    if (o->kind == 2) {  // both bias corrections folded into rate and epsilon
        double correct1 = 1 - pow(o->beta1, (double)iteration);
        double root2 = sqrt(1 - pow(o->beta2, (double)iteration));
        s.rate = (float)(rate * root2 / correct1);
        s.epsilon = (float)(o->epsilon * root2);
    }
    return s;
}

// Steps 16 weights by their gradients.
INLINE void update(const Step *o, const float *gradient, float *w, float *first, float *second) {
    float g[W];
    for (int i = 0; i < W; i++) g[i] = gradient[i] + o->decay * w[i];
    if (o->kind == 2) {
        for (int i = 0; i < W; i++) {
            float m = first[i] + o->keep1 * (g[i] - first[i]);
            float v = second[i] + o->keep2 * (g[i] * g[i] - second[i]);
            first[i] = m;
            second[i] = v;
            w[i] = o->shrink * w[i] - o->rate * m / (sqrtf(v) + o->epsilon);
        }
    } else if (o->kind == 1) {
        for (int i = 0; i < W; i++) {
            first[i] = o->momentum * first[i] + g[i];
            w[i] -= o->rate * (o->nesterov ? g[i] + o->momentum * first[i] : first[i]);
        }
    } else {
        for (int i = 0; i < W; i++) w[i] -= o->rate * g[i];
    }
}
