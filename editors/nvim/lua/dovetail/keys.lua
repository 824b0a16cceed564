-- The keys of ghost text, the same over Neovim's own (0.12) and ours (0.11).

local ghost = require('dovetail.ghost')

local M = {}

local native = vim.lsp.inline_completion

---The first word, the first line or all of a text. The start of a new line belongs to what follows it.
---@param text string
---@param part 'all'|'word'|'line'
function M.part(text, part)
  if part == 'word' then
    return text:match('^%s*[%w_\128-\255]+') or text:match('^%s*[^%w_%s\128-\255]+') or text
  elseif part == 'line' then
    return text:match('^\n*[^\n]+') or text
  end
  return text
end

---@param item dovetail.Ghost
---@param part 'all'|'word'|'line'
local function insert(item, part)
  local rest = ghost.rest(item)
  if not rest then
    return
  end
  vim.cmd('let &undolevels = &undolevels') -- what is accepted is one undo of its own
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local text = M.part(rest, part)
  local whole = text == rest
  local end_row, end_column = row - 1, column
  if whole and (item.end_row > end_row or (item.end_row == end_row and item.end_column > end_column)) then
    end_row, end_column = item.end_row, item.end_column
  end
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, row - 1, column, end_row, end_column, lines)
  vim.api.nvim_win_set_cursor(0, { row + #lines - 1, (#lines == 1 and column or 0) + #lines[#lines] })
  local client = vim.lsp.get_client_by_id(item.client)
  if whole and client and item.command then
    client:exec_cmd(item.command, { bufnr = vim.api.nvim_get_current_buf() })
  end
end

---@param part 'all'|'word'|'line'
---@return boolean taken
function M.accept(part)
  if native then
    return native.get({
      on_accept = function(item)
        local client = vim.lsp.get_client_by_id(item.client_id)
        if not client or client.name ~= 'dovetail' or type(item.insert_text) ~= 'string' then
          return item
        end
        local row, column = unpack(vim.api.nvim_win_get_cursor(0))
        local end_row, end_column = row - 1, column
        row = row - 1
        if item.range then
          row, column, end_row, end_column = item.range:to_extmark()
        end
        insert({
          client = item.client_id,
          text = item.insert_text,
          row = row,
          column = column,
          end_row = end_row,
          end_column = end_column,
          command = item.command,
        }, part)
      end,
    })
  end
  local item = ghost.current()
  if not item then
    return false
  end
  vim.schedule(function() -- an <expr> mapping may not change text
    insert(item, part)
    ghost.draw()
  end)
  return true
end

---@return boolean dismissed
function M.dismiss()
  if native then
    return native.get({ on_accept = function() end })
  end
  local there = ghost.current() ~= nil
  vim.schedule(ghost.dismiss)
  return there
end

---Another suggestion for the same place. Where one alone is known, the server is asked for more.
---@return boolean there
function M.next()
  if not native then
    return ghost.next()
  end
  local buffer = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ name = 'dovetail', bufnr = buffer })[1]
  local shown = client and ghost.native(buffer, client)
  if not shown or not shown.current then
    return false
  elseif shown:count_items() > 1 then
    vim.schedule(native.select)
    return true
  end
  ghost.more(client, buffer, function(result, context)
    shown:handler(nil, result, context)
    native.select()
  end)
  return true
end

---What the key did before.
---@param key string
---@param before table of maparg()
local function otherwise(key, before)
  if before.callback then
    if before.expr == 1 then
      return before.callback()
    end
    vim.schedule(before.callback)
    return ''
  elseif before.rhs and before.rhs ~= '' then
    local keys = before.expr == 1 and vim.api.nvim_eval(before.rhs) or before.rhs
    vim.api.nvim_feedkeys(vim.keycode(keys), before.noremap == 1 and 'n' or 'm', false)
    return ''
  end
  return key
end

---@param buffer integer
---@param keys table<string, string|false>
function M.map(buffer, keys)
  local acts = {
    accept = function()
      return M.accept('all')
    end,
    accept_word = function()
      return M.accept('word')
    end,
    accept_line = function()
      return M.accept('line')
    end,
    next = M.next,
    dismiss = M.dismiss,
  }
  for name, act in pairs(acts) do
    local key = keys[name]
    if key then
      local before = vim.api.nvim_buf_call(buffer, function()
        return vim.fn.maparg(key, 'i', false, true)
      end)
      if not vim.startswith(before.desc or '', 'Dovetail: ') then
        vim.keymap.set('i', key, function()
          if vim.fn.pumvisible() == 0 and act() then
            return ''
          end
          return otherwise(key, before)
        end, { buffer = buffer, expr = true, desc = 'Dovetail: ' .. name:gsub('_', ' ') })
      end
    end
  end
end

return M
