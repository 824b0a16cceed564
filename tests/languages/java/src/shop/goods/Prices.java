package shop.goods;

public final class Prices {
    private Prices() {}
    public static int ⟨round⟩round(int x) {
        return x;
    }

    public static int ⟨shift⟩shift(int x) { return ⟨→round⟩round(x); }
}
