#include "⟨→top⟩item.h"
#include <stdio.h>

static int ⟨twice⟩twice(int ⟨px⟩x) { return ⟨→px⟩x * 2; }

int ⟨item_price⟩item_price(const struct ⟨→item⟩item *⟨self⟩self) {
    Item copy = { .price = 1 }, *⟨other⟩other = &copy;
    if (⟨→self⟩self->⟨→next⟩next && ⟨→MAX_ITEMS⟩MAX_ITEMS > ⟨→RED⟩RED)
        return ⟨→twice⟩twice(self->next->⟨→price⟩price) + ⟨→other⟩other->⟨→price⟩price + copy.⟨→price⟩price;
    for (int ⟨i⟩i = 0; ⟨→i⟩i < ⟨→total⟩total; i++) {
        struct item *one = self->next;
        printf("%d", ⟨→BIGGER⟩BIGGER(one->⟨→price⟩price, 1));
    }
    Point here = { 0 };
    return here.⟨→x⟩x + self->⟨→cost⟩cost(self) + ⟨→⟩later + later(1);
}

static void (*⟨handler⟩handler)(int);
struct ⟨→item⟩item *⟨make⟩make(void) { ⟨→handler⟩handler(1); return ⟨→item_price⟩item_price(0) + make()->⟨→next⟩next; }
