namespace Shop.Orders
{
    public partial class ⟨Order2⟩Order
    {
        public int ⟨Id⟩Id { get; }
        public Order ⟨Copy⟩Copy() => new Order(Id);
#if DEBUG
        void Use(Order ⟨other⟩other)
        {
            var ⟨made⟩made = new Order(1);
            ⟨→made⟩made.⟨→Total⟩Total();
            ⟨→other⟩other.⟨→Copy⟩Copy().⟨→First⟩First.⟨→Price⟩Price.ToString();
            ⟨→⟩Nowhere(n => n + 1);
        }
#endif
    }
}
