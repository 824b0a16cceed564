-- Where the server is, what its root is, and whom the user trusts.

local M = {}

---Folders that the user trusts: `true` for all, a list of folders, or a function of the root.
---@type boolean|string[]|fun(root: string): boolean
M.trust = false

local granted = {} ---@type table<string, true> in this session

local markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', '.git' }

local function real(path)
  return vim.fs.normalize(vim.uv.fs_realpath(path) or vim.fn.fnamemodify(path, ':p'))
end

local function inside(path, folder)
  folder = real(folder):gsub('/+$', '')
  return vim.startswith(real(path) .. '/', folder .. '/')
end

---The server of the checkout that this plugin lies in, else the one on the PATH.
---@return string path absolute where it exists
function M.executable()
  local here = vim.uv.fs_realpath(debug.getinfo(1, 'S').source:sub(2)) or ''
  local checkout = vim.fn.fnamemodify(here, ':h:h:h:h:h')
  for _, name in ipairs({ '/.venv/bin/dovetail', '/.venv/Scripts/dovetail.exe' }) do
    if vim.fn.executable(checkout .. name) == 1 then
      return checkout .. name
    end
  end
  local found = vim.fn.exepath('dovetail')
  return found ~= '' and vim.fn.fnamemodify(found, ':p') or 'dovetail'
end

---Trust a folder until Neovim ends.
---@param root string
function M.grant(root)
  granted[real(root)] = true
end

---@param root string?
---@return boolean
function M.trusted(root)
  local trust = M.trust
  if root and granted[real(root)] then
    return true
  elseif type(trust) == 'boolean' or not root then
    return trust == true
  elseif type(trust) == 'function' then
    return trust(root) == true
  end
  for _, folder in ipairs(trust) do
    if inside(root, vim.fs.normalize(folder)) then
      return true
    end
  end
  return false
end

---A reason not to run `command` in `root`, or nil.
---@param command string
---@param root string?
function M.refusal(command, root)
  if vim.fn.executable(command) ~= 1 then
    return ('there is no `%s`. Run `make demo` in the checkout, or give `cmd` to setup().'):format(command)
  end
  if root and inside(vim.fn.exepath(command), root) and not M.trusted(root) then
    return ('its server lies inside %s, and what is in a folder is not run unless you trust it. '
      .. 'Name the folder in `trusted`, or install the server elsewhere.'):format(root)
  end
end

---`root_dir` of the configuration. Nothing starts where a reason stands against it, and it is told once.
function M.root(buffer, start)
  local root = vim.fs.root(buffer, markers)
  local command = vim.lsp.config.dovetail.cmd
  if type(command) == 'table' then
    local refusal = M.refusal(command[1], root)
    if refusal then
      return vim.notify_once('Dovetail did not start: ' .. refusal, vim.log.levels.WARN)
    end
  end
  start(root)
end

return M
