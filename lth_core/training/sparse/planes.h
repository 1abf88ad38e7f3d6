// Activations of images, in chunks of 16 examples: [chunk][channel][row][column][16].
//
// Planes that a convolution reads have a border of zeros, wide enough for its taps; only the
// inside is ever written. A network's flattened images lie as [unit][width], as dense.h wants them,
// which is the same with other strides.
#pragma once
#include "images.h"
#include "vectors.h"

typedef struct {
    float *data;             // pixel (0, 0) of channel 0 of chunk 0
    int64_t chunk, channel;  // strides in floats; chunks with stride 0 share their memory
    int64_t row, pixel;
    int32_t channels, height, width;
} Planes;

INLINE vec *pixel_of(const Planes *p, int chunk, int channel, int y, int x) {
    return (vec *)(p->data + chunk * p->chunk + channel * p->channel + y * p->row + x * p->pixel);
}

// For every pixel of a chunk: c, y, x.
#define EACH_PIXEL(p) \
    for (int c = 0; c < (p)->channels; c++) \
        for (int y = 0; y < (p)->height; y++) \
            for (int x = 0; x < (p)->width; x++)

INLINE vec choose(int_vec condition, vec yes, vec no) {
    return (vec)(((int_vec)yes & condition) | ((int_vec)no & ~condition));
}

INLINE vec relu(vec v) { return choose(v < 0, (vec){0}, v); }  // NaN stays NaN

// The gradient of a rectifier's input.
INLINE vec relu_gradient(vec output, vec gradient) { return choose(output > 0, gradient, (vec){0}); }

static void relu_backward(const Planes *output, const Planes *gradient, const Planes *to,
                          int chunk) {
    EACH_PIXEL(to)
        *pixel_of(to, chunk, c, y, x) = relu_gradient(*pixel_of(output, chunk, c, y, x),
                                                      *pixel_of(gradient, chunk, c, y, x));
}

// Every stride-th row and column apart, so that a strided convolution is one of stride 1:
// channel (c, i, j) of `to` holds rows i, i + stride, ... and columns j, j + stride, ... of c.
static void split_phases(const Planes *from, const Planes *to, int stride, int chunk) {
    EACH_PIXEL(from) {
        int phase = (c * stride + y % stride) * stride + x % stride;
        *pixel_of(to, chunk, phase, y / stride, x / stride) = *pixel_of(from, chunk, c, y, x);
    }
}

static void merge_phases(const Planes *from, const Planes *to, int stride, int chunk) {
    EACH_PIXEL(to) {
        int phase = (c * stride + y % stride) * stride + x % stride;
        *pixel_of(to, chunk, c, y, x) = *pixel_of(from, chunk, phase, y / stride, x / stride);
    }
}

static void multiply(const Planes *from, const Planes *factor, const Planes *to, int chunk) {
    EACH_PIXEL(to)
        *pixel_of(to, chunk, c, y, x) =
            *pixel_of(from, chunk, c, y, x) * *pixel_of(factor, chunk, c, y, x);
}

enum { PADDING = 4 };

// Pixel (c, y, x) of the examples' crops.
INLINE vec cropped(const Images *images, const Examples *e, const int64_t (*crops)[3], int live,
                   const Planes *to, int c, int y, int x) {
    vec v = {0};
    for (int i = 0; i < live; i++) {
        int row = y + (int)crops[i][1] - PADDING;
        int column = (crops[i][0] ? to->width - 1 - x : x) + (int)crops[i][2] - PADDING;
        if (row < 0 || row >= to->height || column < 0 || column >= to->width) continue;
        int f = (c * to->height + row) * to->width + column;
        v[i] = e->pixels[i][f] * images->factor[f] + images->offset[f];
    }
    return v * e->scale;
}

// The examples of a chunk, `live` of them: rows index[0..), or those from `first` on where there is
// no index. crops [example]: flip (0 or 1), top and left in the image with PADDING zeros around
// it, or null. What lies around an image, and the examples that are missing, are zero.
static void place_images(const Images *images, const int32_t *index, int first,
                         const int64_t (*crops)[3], int live, const Planes *to, int chunk) {
    Examples e = examples_of(images, index, first, live);
    if (crops) {
        EACH_PIXEL(to) *pixel_of(to, chunk, c, y, x) = cropped(images, &e, crops, live, to, c, y, x);
        return;
    }
    for (int c = 0; c < to->channels; c++)
        for (int y = 0; y < to->height; y++)
            for (int x = 0; x < to->width; x += W) {
                int n = to->width - x < W ? to->width - x : W;
                place_inputs(images, &e, (c * to->height + y) * to->width + x, n,
                             (float *)pixel_of(to, chunk, c, y, x), to->pixel);
            }
}
