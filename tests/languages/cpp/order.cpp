#include "⟨→top⟩order.hpp"

namespace shop {
int ⟨→Cart⟩Cart::⟨sum⟩sum(int ⟨plus⟩extra) {
  int ⟨local⟩local = ⟨→weight⟩weight() + this->⟨→weight⟩weight() + ⟨→one⟩one.⟨→price⟩price + ⟨→plus⟩extra;
  return ⟨→local⟩local + ⟨→helper⟩helper(1) + detail::⟨→ZERO⟩ZERO;
}
class Cart::⟨Part⟩Part {
 public:
  Size ⟨size⟩size = ⟨→SMALL⟩SMALL;
  int fits();
};

int Cart::Part::fits() { return ⟨→size⟩size == ⟨→SMALL⟩SMALL ? ⟨→weight⟩weight() : 0; }
}  // namespace shop

using ⟨Carts⟩Carts = std::vector<shop::⟨→Cart⟩Cart>;

int main() {
  shop::⟨→Cart⟩Cart ⟨cart⟩cart;
  auto *⟨other⟩other = new shop::Cart();
  std::unique_ptr<shop::Cart> ⟨owned⟩owned = std::make_unique<shop::Cart>();
  for (const auto &[⟨key⟩key, value] : pairs()) { use(⟨→key⟩key); }
  auto add = [⟨→cart⟩cart](int ⟨x⟩x) { return ⟨→x⟩x + 1; };
  shop::Order<int> order(1);
  return ⟨→cart⟩cart.⟨→sum⟩sum(2) + other->⟨→one⟩one.⟨→price⟩price + owned->⟨→sum⟩sum(1) + order.⟨→first⟩first()->⟨→price⟩price;
}
