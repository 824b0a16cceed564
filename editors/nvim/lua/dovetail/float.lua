-- Something to read: a window in the middle, or a tab of its own; closed with q or Escape.

local M = {}

---@class dovetail.Float
---@field lines string[]
---@field filetype string
---@field title string
---@field footer? string
---@field keys? table<string, fun()>
---@field closed? fun()
---@field tab? boolean all of the screen, for what is long

---Where a window in the middle stands that shows some lines.
---@param float dovetail.Float
---@param lines string[]
local function place(float, lines)
  local width = vim.api.nvim_strwidth(float.title .. (float.footer or '')) + 4
  for _, line in ipairs(lines) do
    width = math.max(width, vim.api.nvim_strwidth(line) + 2)
  end
  width = math.max(1, math.min(width, 110, vim.o.columns - 4))
  local height = 0
  for _, line in ipairs(lines) do
    height = height + math.max(1, math.ceil(vim.api.nvim_strwidth(line) / width))
  end
  height = math.max(1, math.min(height, vim.o.lines - 6))
  return {
    relative = 'editor',
    row = math.max(0, math.floor((vim.o.lines - height) / 2) - 2),
    col = math.max(0, math.floor((vim.o.columns - width) / 2) - 1),
    width = width,
    height = height,
  }
end

---@param float dovetail.Float
---@param buffer integer
---@return integer window
local function middle(float, buffer)
  return vim.api.nvim_open_win(buffer, true, vim.tbl_extend('force', place(float, float.lines), {
    style = 'minimal',
    border = 'rounded',
    title = (' %s '):format(float.title),
    footer = (' %s '):format(float.footer or 'q close'),
    footer_pos = 'right',
  }))
end

---@param float dovetail.Float
---@param buffer integer
---@return integer window
local function tab(float, buffer)
  pcall(vim.api.nvim_buf_set_name, buffer, 'Dovetail') -- for the tab; a second one at a time goes without
  vim.cmd('tab sbuffer ' .. buffer)
  local window = vim.api.nvim_get_current_win()
  local function plain(text)
    return (text:gsub('%%', '%%%%'))
  end
  local footer = (float.footer or 'q close') .. ' · ]] next file'
  vim.wo[window].winbar = (' %s%%=%s '):format(plain(float.title), plain(footer))
  vim.wo[window].number = false
  vim.wo[window].relativenumber = false
  for key, back in pairs({ [']]'] = '', ['[['] = 'b' }) do
    vim.keymap.set('n', key, function()
      vim.fn.search('^--- ', 'W' .. back)
    end, { buffer = buffer, nowait = true })
  end
  return window
end

---@param float dovetail.Float
---@return fun() close
---@return fun(lines: string[]) add below, what is known later
function M.open(float)
  vim.cmd.stopinsert() -- it may come while somebody types, and its keys are those of normal mode
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, float.lines)
  vim.bo[buffer].modifiable = false
  local from = vim.api.nvim_get_current_tabpage()
  local window = (float.tab and tab or middle)(float, buffer)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.b[buffer].dovetail = true -- Escape is its own here
  vim.wo[window].wrap = true
  vim.wo[window].linebreak = true
  vim.bo[buffer].filetype = float.filetype
  if float.filetype == 'markdown' then
    vim.wo[window].conceallevel = 2
    pcall(vim.treesitter.start, buffer, 'markdown')
  end

  local open = true
  local function close()
    if not open then
      return
    end
    open = false
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_close(window, true)
    end
    if float.tab and vim.api.nvim_tabpage_is_valid(from) then
      vim.api.nvim_set_current_tabpage(from)
    end
    if float.closed then
      float.closed()
    end
  end
  for key, act in pairs(vim.tbl_extend('keep', float.keys or {}, { q = close, ['<Esc>'] = close })) do
    vim.keymap.set('n', key, act, { buffer = buffer, nowait = true })
  end
  vim.api.nvim_create_autocmd('BufWipeout', { buffer = buffer, once = true, callback = vim.schedule_wrap(close) })
  return close, function(lines)
    if open and vim.api.nvim_buf_is_valid(buffer) then
      vim.bo[buffer].modifiable = true
      vim.api.nvim_buf_set_lines(buffer, -1, -1, false, lines)
      vim.bo[buffer].modifiable = false
      if not float.tab and vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_set_config(window, place(float, vim.api.nvim_buf_get_lines(buffer, 0, -1, false)))
      end
    end
  end
end

---@param title string
---@param markdown string
function M.markdown(title, markdown)
  M.open({ lines = vim.split(vim.trim(markdown), '\n'), filetype = 'markdown', title = title })
end

return M
