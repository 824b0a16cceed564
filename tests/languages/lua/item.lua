local ⟨M⟩M = {}
M.⟨limit⟩limit = 3
function M.⟨price⟩price(x) return x end
M.find = function(id) return ⟨→M⟩M.⟨→price⟩price(id) end
local function ⟨hidden⟩hidden() return M.⟨→limit⟩limit end
SHARED = ⟨→hidden⟩hidden()
return M
