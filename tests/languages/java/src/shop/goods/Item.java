package shop.goods;

/** A thing that is sold. */
public record ⟨Item⟩Item(String name, int ⟨price⟩price) {
    // In cents.
    static final int SMALLEST = 1;
    public int ⟨price()⟩price() { return ⟨→price⟩price; }
}
