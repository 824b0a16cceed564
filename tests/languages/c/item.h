⟨top⟩#ifndef ITEM_H
#define ITEM_H

/* How many there can be. */
#define ⟨MAX_ITEMS⟩MAX_ITEMS 10
#define ⟨BIGGER⟩BIGGER(a, b) ((a) > (b) ? (a) : (b))

/** One thing that is sold. */
struct ⟨item⟩item {
    int ⟨price⟩price; /* in cents */
    struct ⟨→item⟩item *⟨next⟩next, *previous;
    int (*⟨cost⟩cost)(const struct item *self);
};
typedef struct ⟨→item⟩item ⟨Item⟩Item;
typedef struct { int ⟨x⟩x; } ⟨Point⟩Point;
enum color { ⟨RED⟩RED, GREEN = 2 };
extern int ⟨total⟩total;

/// Tells its price.
int ⟨→item_price⟩item_price(const struct item *self);
char **item_names(int count);

#endif
