namespace Shop.Goods;

public record ⟨Item⟩Item(string Name, int ⟨Price⟩Price);
public class ⟨Base⟩Base { protected int ⟨Weight⟩Weight() { return 1; } }
