local item = require("item")
local ⟨Order⟩Order = { count = 0 }
⟨→Order⟩Order.__index = Order

--- Makes one.
-- @param id its number
function Order.⟨new⟩new(⟨id⟩id)
  local ⟨made⟩self = setmetatable({}, ⟨→Order⟩Order)
  ⟨→made⟩self.number = ⟨→id⟩id
  return self
end

function Order:⟨total⟩total(⟨tax⟩tax)
  local ⟨sum⟩sum = self:⟨→weight⟩weight() + item.⟨→price⟩price(⟨→tax⟩tax) + item.⟨→limit⟩limit
  for _, ⟨one⟩one in ipairs(self.items) do sum = ⟨→sum⟩sum + ⟨→one⟩one.price end
  local function ⟨again⟩again(⟨n⟩n) return ⟨→again⟩again(⟨→n⟩n) end
  return sum, again(1)
end

function Order:⟨weight⟩weight() return 1 end

return Order
