<?php
namespace Shop\Orders;
interface ⟨Priced⟩Priced { public function total(int $tax): int; }
