package shop.orders;

abstract class ⟨Base⟩Base {
    protected int ⟨number⟩number;

    Base(int number) { this.⟨→number⟩number = number; }

    int ⟨weight⟩weight() { return ⟨→number⟩number; }
}

interface ⟨Priced⟩Priced {
    /** What it costs. */
    int total(int tax);
}
