using System.Collections.Generic;
using Shop.Goods;
using Alias = Shop.Goods.Item;

namespace Shop.Orders
{
    /// <summary>
    /// An order of <see cref="Item"/>.
    /// </summary>
    public partial class ⟨Order1⟩Order : ⟨→Base⟩Base, ⟨→IPriced⟩IPriced
    {
        private readonly List<⟨→Item⟩Item> ⟨_items⟩_items = new();
        public Item ⟨First⟩First { get; set; }

        /// Makes one.
        public Order(int ⟨id⟩id) { ⟨→Id⟩Id = ⟨→id⟩id; }

        public int ⟨Total⟩Total()
        {
            var ⟨sum⟩sum = ⟨→Weight⟩Weight() + ⟨→Id⟩Id;
            foreach (var ⟨item⟩item in ⟨→_items⟩_items) { ⟨→sum⟩sum += ⟨→item⟩item.⟨→Price⟩Price; }
            if (Find(1) is Item ⟨found⟩found) { sum += ⟨→found⟩found.⟨→Price⟩Price; }
            int.TryParse("1", out var ⟨parsed⟩parsed);
            return sum + this.⟨→First⟩First.⟨→Price⟩Price + ⟨→Helper⟩Helper.⟨→Twice⟩Twice(2) + base.⟨→Weight⟩Weight() + ⟨→parsed⟩parsed;
        }

        ⟨→Item⟩Alias Find(int index) => _items[index];
        public event System.EventHandler Changed;
        public enum Kind : byte { ⟨Red⟩Red = 1, Green }
        Kind Colour() => Kind.⟨→Red⟩Red;
    }

    public interface ⟨IPriced⟩IPriced { int Total(); }
    static class ⟨Helper⟩Helper { public static int ⟨Twice⟩Twice(int ⟨x⟩x) => ⟨→x⟩x * 2; }
    public delegate void Handler(object sender, int number);
}
