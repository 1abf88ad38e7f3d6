// Pooling over squares that do not overlap.
#pragma once
#include "planes.h"

typedef uint8_t choice_vec __attribute__((vector_size(16), may_alias));

// The largest value so far of a square, the first of ties, and its place in the square. NaN is
// larger than any number, as in PyTorch.
typedef struct {
    vec value;
    int_vec place;
} Largest;

INLINE void compare(Largest *l, vec v, int place) {
    int_vec larger = (v > l->value) | (v != v);
    l->value = choose(larger, v, l->value);
    l->place = (l->place & ~larger) | (place & larger);
}

INLINE choice_vec chosen(Largest l) { return __builtin_convertvector(l.place, choice_vec); }

// Where the places are kept of a pool into `to`: [chunk][channel][row][column][16].
INLINE choice_vec *choice_of(choice_vec *choice, const Planes *to, int chunk, int c, int y, int x) {
    size_t channel = (size_t)(to->chunk ? chunk : 0) * to->channels + c;
    return choice + (channel * to->height + y) * to->width + x;
}

// The largest of each square, and its place.
static void max_pool(const Planes *from, const Planes *to, int size, choice_vec *choice,
                     int chunk) {
    EACH_PIXEL(to) {
        Largest largest = {*pixel_of(from, chunk, c, y * size, x * size)};
        for (int i = 1; i < size * size; i++)
            compare(&largest, *pixel_of(from, chunk, c, y * size + i / size, x * size + i % size), i);
        *pixel_of(to, chunk, c, y, x) = largest.value;
        *choice_of(choice, to, chunk, c, y, x) = chosen(largest);
    }
}

// The gradient of the chosen pixels; only where the pool's output is positive, if there is one: then
// what was pooled had been rectified.
static void max_pool_backward(const Planes *gradient, const Planes *output, const Planes *to,
                              int size, const choice_vec *choice, int chunk) {
    choice += (size_t)chunk * gradient->channels * gradient->height * gradient->width;
    EACH_PIXEL(gradient) {
        vec g = *pixel_of(gradient, chunk, c, y, x);
        if (output) g = relu_gradient(*pixel_of(output, chunk, c, y, x), g);
        int_vec place = __builtin_convertvector(*choice++, int_vec);
        for (int i = 0; i < size * size; i++)
            *pixel_of(to, chunk, c, y * size + i / size, x * size + i % size) =
                choose(place == i, g, (vec){0});
    }
}

static void average_pool(const Planes *from, const Planes *to, int size, int chunk) {
    EACH_PIXEL(to) {
        vec sum = {0};
        for (int i = 0; i < size * size; i++)
            sum += *pixel_of(from, chunk, c, y * size + i / size, x * size + i % size);
        *pixel_of(to, chunk, c, y, x) = sum / (float)(size * size);
    }
}

static void average_pool_backward(const Planes *gradient, const Planes *to, int size, int chunk) {
    EACH_PIXEL(gradient) {
        vec g = *pixel_of(gradient, chunk, c, y, x) / (float)(size * size);
        for (int i = 0; i < size * size; i++)
            *pixel_of(to, chunk, c, y * size + i / size, x * size + i % size) = g;
    }
}
