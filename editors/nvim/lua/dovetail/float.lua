-- Something to read: a window in the middle, or a tab of its own; closed with q or Escape. It takes the keyboard from
-- nobody: it comes in normal mode, and what it asks is answered only by a key that was struck after it was seen.

local M = {}

local calm = 300 -- milliseconds in normal mode after another: who types `<Esc>:w` is not done with `<Esc>`
local glance = 500 -- milliseconds in which no key answers

---@class dovetail.Float
---@field lines string[]
---@field filetype string
---@field title string
---@field footer? string
---@field keys? table<string, fun()> that answer something
---@field moves? table<string, fun()> that answer nothing
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

---Somebody types, selects or is asked something else.
---@return boolean
function M.busy()
  local mode = vim.api.nvim_get_mode().mode
  return mode ~= 'n' and mode ~= 'nt' and mode:sub(1, 1) ~= 'r'
end

---A line in the corner above, which takes no focus and stays: what is echoed goes with the next key.
---@param line string
---@return fun() close
local function announce(line)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, { line })
  local window = vim.api.nvim_open_win(buffer, false, {
    relative = 'editor',
    anchor = 'NE',
    row = 0,
    col = vim.o.columns,
    width = math.max(1, math.min(vim.api.nvim_strwidth(line), vim.o.columns - 2)),
    height = 1,
    border = 'rounded',
    style = 'minimal',
    focusable = false,
    noautocmd = true,
  })
  return function()
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_close(window, true)
    end
  end
end

---Do something at once in normal mode; else say that it waits, and do it when normal mode has come and stays.
---@param title string
---@param act fun()
function M.when_free(title, act)
  if not M.busy() then
    return act()
  end
  local close = announce((' %s: waits for normal mode '):format(title))
  local done = false
  vim.api.nvim_create_autocmd('ModeChanged', {
    pattern = '*:n*',
    callback = function(event)
      vim.defer_fn(function()
        if not done and not M.busy() then
          done = true
          pcall(vim.api.nvim_del_autocmd, event.id)
          close()
          act()
        end
      end, calm)
    end,
  })
end

---@param float dovetail.Float
---@return string
local function footer(float)
  return float.footer or 'q close'
end

---@param float dovetail.Float
---@param buffer integer
---@return integer window
local function middle(float, buffer)
  return vim.api.nvim_open_win(buffer, true, vim.tbl_extend('force', place(float, float.lines), {
    style = 'minimal',
    border = 'rounded',
    title = (' %s '):format(float.title),
    footer = (' %s '):format(float.keys and '…' or footer(float)),
    footer_pos = 'right',
  }))
end

---@param float dovetail.Float
---@param told string
---@return string winbar
local function bar(float, told)
  local function plain(text)
    return (text:gsub('%%', '%%%%'))
  end
  return (' %s%%=%s '):format(plain(float.title), plain(told .. ' · ]] next file'))
end

---@param float dovetail.Float
---@param buffer integer
---@return integer window
local function tab(float, buffer)
  pcall(vim.api.nvim_buf_set_name, buffer, 'Dovetail') -- for the tab; a second one at a time goes without
  vim.cmd('tab sbuffer ' .. buffer)
  local window = vim.api.nvim_get_current_win()
  vim.wo[window].winbar = bar(float, float.keys and '…' or footer(float))
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
  local seen = not float.keys
  for key, act in pairs(vim.tbl_extend('keep', float.keys or {}, { q = close, ['<Esc>'] = close })) do
    vim.keymap.set('n', key, function()
      if seen then
        act()
      end
    end, { buffer = buffer, nowait = true })
  end
  for key, act in pairs(float.moves or {}) do
    vim.keymap.set('n', key, act, { buffer = buffer, nowait = true })
  end
  if float.keys then
    vim.defer_fn(function()
      seen = true
      if not open or not vim.api.nvim_win_is_valid(window) then
        return
      elseif float.tab then
        vim.wo[window].winbar = bar(float, footer(float))
      else
        vim.api.nvim_win_set_config(window, { footer = (' %s '):format(footer(float)), footer_pos = 'right' })
      end
    end, glance)
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
---@param address? string where the same can be read as a document, to be kept beside the code
function M.markdown(title, markdown, address)
  M.when_free(title, function()
    local float = { lines = vim.split(vim.trim(markdown), '\n'), filetype = 'markdown', title = title }
    local close
    if address then
      float.footer = 'o keep beside · q close'
      float.moves = {
        o = function()
          close()
          vim.cmd('rightbelow vsplit ' .. vim.fn.fnameescape(address))
        end,
      }
    end
    close = M.open(float)
  end)
end

return M
