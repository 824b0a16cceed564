#ifndef ITEM_H
#define ITEM_H
#ifdef __cplusplus
namespace ⟨detail⟩detail { const int ⟨ZERO⟩ZERO = 0; }
#endif
struct ⟨Item⟩Item {
  int ⟨price⟩price;
};
#endif
