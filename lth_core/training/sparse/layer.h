// A fully-connected layer and how its surviving weights lie in memory.
//
// Activations lie as [unit][width]: the examples of a batch are contiguous, zero-padded to a
// multiple of 16. Weights lie in slots: blocks of `rows` consecutive output units, within a block
// the input units that any of them uses. A sparse layer has one row a block (by_unit.h), padded so
// that 16 slots always belong to one block; a dense one 64, and all inputs that any unit uses in
// each block (by_input.h). `alive` tells surviving weights from slots that only pad; a padding
// slot's gradient is cleared, so it stays exactly zero even where gradients are NaN.
#pragma once
#include "optimiser.h"
#include "vectors.h"

// What is not zero in a row or a column of activations.
typedef struct {
    int32_t at;
    float value;
} Entry;

typedef struct {
    int32_t inputs, outputs, rows, blocks;
    const int32_t *unit, *start, *end;      // block b: unit[b] on, column[start[b]..end[b]),
    const int32_t *column;                  // padded to start[b+1]
    const uint16_t *alive;                  // a bit per slot
    float *weight, *first, *second;         // [column][rows]; the optimiser's moments
    float *bias, *bias_first, *bias_second; // padded to a multiple of 64
    float *output, *gradient;               // [unit][width], units padded to a multiple of 64
    Entry *entry;                           // scratch: lists, of inputs * width entries at most,
    int32_t *entries;                       // how many each has,
    float *turned;                          // a block's activations as [width][rows]
    const float *dropout;                   // [unit][width], times what the rectifier gives; or null
} Layer;

// v where that is not less than `least`, as is NaN; -infinity leaves all.
INLINE vec at_least(float least, vec v) {
    vec low = (vec){0} + least;
    int_vec less = v < low;
    return (vec)(((int_vec)low & less) | ((int_vec)v & ~less));
}

// The gradients of 16 slots, zero where there only is padding.
INLINE vec surviving(vec gradient, uint16_t alive) {
    return (vec)((int_vec)gradient & ((((int_vec){0} + alive) & LANE_BIT) != 0));
}
