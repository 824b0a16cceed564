local Order = require "order"
local ⟨o⟩o = ⟨→Order⟩Order.⟨→new⟩new(1)
Order.⟨→total⟩total(⟨→o⟩o, 1)
