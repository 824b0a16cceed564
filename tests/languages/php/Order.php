<?php
declare(strict_types=1);
namespace Shop\Orders;

use Shop\Goods\⟨→Item⟩Item;
use Shop\Goods\{⟨→Base⟩Base, ⟨→Loud⟩Loud as Noisy};
use function Shop\Goods\⟨→helper⟩helper;

const TOP = 1;

/** An order of items. */
final class ⟨Order⟩Order extends ⟨→Base⟩Base implements ⟨→Priced⟩Priced
{
    use ⟨→Loud⟩Noisy;
    const ⟨MAX⟩MAX = 10;
    private array $⟨items⟩items = [];
    protected ?⟨→Item⟩Item $⟨first⟩first = null;
    public static int $⟨count⟩count = 0;

    public function __construct(private int ⟨$id⟩$⟨id⟩id) { parent::⟨→made⟩__construct(⟨→$id⟩$id); }

    /** What it costs. */
    public function ⟨total⟩total(int ⟨$tax⟩$tax): int
    {
        ⟨$sum⟩$sum = $this->⟨→weight⟩weight() + ⟨→helper⟩helper(⟨→$tax⟩$tax);
        foreach ($this->⟨→items⟩items as $key => ⟨$item⟩$item) { ⟨→$sum⟩$sum += ⟨→$item⟩$item->price; }
        $this->⟨→shout⟩shout();
        return $sum + $this->⟨→first⟩first->⟨→price⟩price + self::⟨→MAX⟩MAX + $this->⟨→id⟩id;
    }
}

function main(): Order
{
    ⟨$order⟩$order = new ⟨→Order⟩Order(1);
    ⟨→$order⟩$order->⟨→total⟩total(2);
    $make = fn (Item ⟨$x⟩$x) => ⟨→$x⟩$x->⟨→price⟩price;
    $other = function () use ($order) { return $order; };
    ⟨→⟩nowhere($other);
    return $order;
}

main()->⟨→total⟩total(3);
