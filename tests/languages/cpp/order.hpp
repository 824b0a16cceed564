⟨top⟩#pragma once
#include <memory>
#include <vector>
#include "item.h"

namespace ⟨shop⟩shop {

class ⟨Base⟩Base {
 public:
  virtual ~Base() = default;
  int ⟨weight⟩weight() const { return 1; }
};

/// An order of items.
template <typename ⟨T⟩T>
class ⟨Order⟩Order final : public ⟨→Base⟩Base {
 public:
  explicit Order(int ⟨id⟩id) : ⟨→id_⟩id_(⟨→id⟩id) {}
  /// What it costs.
  int ⟨total_in⟩total(int tax) const;
  Item *⟨first⟩first() { return &⟨→items_⟩items_[0]; }
  enum class ⟨Kind⟩Kind { ⟨Big⟩Big, Small };
  bool operator==(const Order &other) const { return id_ == other.⟨→id_⟩id_; }

 private:
  int ⟨id_⟩id_ = 0;
  std::vector<⟨→Item⟩Item> ⟨items_⟩items_;
};

class ⟨Cart⟩Cart : public Base {
 public:
  /// Of all.
  int sum(int extra);
  Item ⟨one⟩one;
  enum Size { ⟨SMALL⟩SMALL, LARGE };
  class Part;
};

inline int ⟨helper⟩helper(int x) { return x; }
}  // namespace shop
