<?php
namespace Shop\Goods;

class ⟨Item⟩Item { public int $⟨price⟩price = 1; }
class ⟨Base⟩Base
{
    public function ⟨made⟩__construct($id) {}
    public function ⟨weight⟩weight(): int { return 1; }
}
trait ⟨Loud⟩Loud { public function ⟨shout⟩shout(): void {} }
function ⟨helper⟩helper(int $x): int { return $x; }
enum Color: string { case Red = 'r'; }
