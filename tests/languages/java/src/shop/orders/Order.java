package shop.orders;

import java.util.ArrayList;
import java.util.List;
import shop.goods.⟨→Item⟩Item;
import static shop.goods.Prices.⟨→round⟩round;
import static shop.goods.Prices.*;

/** An order of {@link Item items}. */
public class ⟨Order⟩Order<⟨T⟩T extends ⟨→Item⟩Item> extends ⟨→Base⟩Base implements ⟨→Priced⟩Priced {
    private static final int ⟨LIMIT⟩LIMIT = 10;
    private final List<⟨→T⟩T> ⟨items⟩items = new ArrayList<>();
    ⟨→Item⟩Item ⟨first⟩first, ⟨second⟩second = new ⟨→Item⟩Item("a", 1); // what it holds

    /**
     * Makes one.
     *
     * @param id its number
     */
    public Order(int ⟨id⟩id) {
        super(⟨→id⟩id);
        this.⟨→first⟩first = null;
    }

    /** What it costs. */
    @Override
    public int ⟨total⟩total(int ⟨tax⟩tax) {
        int ⟨sum⟩sum = ⟨→weight⟩weight() + ⟨→LIMIT⟩LIMIT;
        for (T ⟨item⟩item : items) {
            ⟨→sum⟩sum += ⟨→item⟩item.⟨→price()⟩price();
        }
        sum += first.⟨→price()⟩price() + this.⟨→second⟩second.⟨→price⟩price;
        sum = ⟨→round⟩round(sum) + ⟨→shift⟩shift(⟨→tax⟩tax);
        return super.⟨→weight⟩weight() + sum + ⟨→number⟩number;
    }

    ⟨→Kind⟩Kind ⟨kind⟩kind(Object ⟨other⟩other) {
        if (other instanceof ⟨→Order⟩Order<?> ⟨o⟩o && ⟨→o⟩o.⟨→kind⟩kind(null) == ⟨→Kind⟩Kind.⟨→BIG⟩BIG) {
            return o.⟨→⟩missing;
        }
        Runnable run = () -> ⟨→total⟩total(⟨→other⟩other.hashCode());
        ⟨→⟩missing();
        ⟨→⟩later(); int later = 1;
        return switch (other) {
            case String ⟨text⟩text -> ⟨→text⟩text.isEmpty() ? Kind.BIG : Kind.SMALL;
            default -> { yield Kind.⟨→of⟩of(LIMIT); }
        };
    }

    int rank(Kind ⟨given⟩given) {
        switch (⟨→given⟩given) {
            case ⟨→BIG⟩BIG: return 1;
            default: return 0;
        }
    }

    enum ⟨Kind⟩Kind {
        ⟨BIG⟩BIG, SMALL;

        private int rank;

        static Kind ⟨of⟩of(int rank) { return ⟨→BIG⟩BIG; }
    }

    record Pair(int ⟨left⟩left, Order<?> ⟨right⟩right) {
        int sum() { return ⟨→left⟩left + ⟨→right⟩right.⟨→total⟩total(1); }
    }
}
