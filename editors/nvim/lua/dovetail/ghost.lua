-- Ghost text: asks at each key. The server waits for a pause in typing and supersedes, so nothing waits here.
-- What comes is drawn by Neovim (0.12), or here (0.11) and forgotten when the text goes another way.

local M = {}

local space = vim.api.nvim_create_namespace('dovetail.ghost')
local group = vim.api.nvim_create_augroup('dovetail.ghost', {})

---@class dovetail.Ghost
---@field client integer
---@field text string
---@field row integer 0-based, of the start of what is replaced
---@field column integer in bytes
---@field end_row integer
---@field end_column integer
---@field command lsp.Command?

local shown ---@type dovetail.Ghost?
local others = {} ---@type dovetail.Ghost[] for the same place, the shown one last
local pending ---@type { client: vim.lsp.Client, id: integer }?
local paused = false

local function hide()
  vim.api.nvim_buf_clear_namespace(0, space, 0, -1)
end

---What is still to be inserted after what was typed of it, or nil when the text went another way.
---@param ghost dovetail.Ghost
---@return string?
function M.rest(ghost)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  row = row - 1
  if row < ghost.row or (row == ghost.row and column < ghost.column) then
    return nil
  end
  local good, typed = pcall(vim.api.nvim_buf_get_text, 0, ghost.row, ghost.column, row, column, {})
  if not good then
    return nil
  end
  local before = table.concat(typed, '\n')
  if not vim.startswith(ghost.text, before) or before == ghost.text then
    return nil
  end
  return ghost.text:sub(#before + 1)
end

local function draw()
  hide()
  local rest = shown and M.rest(shown)
  if not shown or not rest then
    shown = nil
    return
  end
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local lines = vim.split(rest, '\n', { plain = true })
  local below = {}
  for i = 2, #lines do
    below[#below + 1] = { { lines[i], 'ComplHint' } }
  end
  vim.api.nvim_buf_set_extmark(0, space, row - 1, column, {
    virt_text = { { lines[1], 'ComplHint' } },
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
    hl_mode = 'combine',
  })
end

local function cancel()
  if pending then
    pending.client:cancel_request(pending.id)
    pending = nil
  end
end

---@param item lsp.InlineCompletionItem
---@param client vim.lsp.Client
---@param buffer integer
---@return dovetail.Ghost
local function placed(item, client, buffer)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local ghost = {
    client = client.id,
    text = item.insertText,
    row = row - 1,
    column = column,
    end_row = row - 1,
    end_column = column,
    command = item.command,
  }
  if item.range then
    local first, last = item.range.start, item.range['end']
    local function byte(place)
      local line = vim.api.nvim_buf_get_lines(buffer, place.line, place.line + 1, false)[1] or ''
      return vim.str_byteindex(line, client.offset_encoding, place.character, false)
    end
    ghost.row, ghost.column = first.line, byte(first)
    ghost.end_row, ghost.end_column = last.line, byte(last)
  end
  return ghost
end

---@param client vim.lsp.Client
---@param buffer integer
---@param kind integer why: 1 somebody wants another, 2 a key was typed
---@param show fun(result: lsp.InlineCompletionList|lsp.InlineCompletionItem[], context: lsp.HandlerContext)
local function ask(client, buffer, kind, show)
  cancel()
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  local _, id
  _, id = client:request('textDocument/inlineCompletion', params, function(problem, result, context)
    if pending and pending.id == id then
      pending = nil
    end
    if problem or not result or vim.api.nvim_get_current_buf() ~= buffer then
      return -- `null` leaves what is shown
    end
    if vim.api.nvim_buf_get_changedtick(buffer) == tick and vim.fn.mode() == 'i' then
      show(result, context)
    end
  end, buffer)
  pending = id and { client = client, id = id } or nil
end

---Ask for several suggestions instead of the best; `show` is called where there are some.
---@param client vim.lsp.Client
---@param buffer integer
---@param show fun(result: lsp.InlineCompletionList|lsp.InlineCompletionItem[], context: lsp.HandlerContext)
function M.more(client, buffer, show)
  ask(client, buffer, 1, function(result, context)
    if #(result.items or result) > 1 then
      show(result, context)
    else
      vim.notify('Dovetail: there is no other suggestion')
    end
  end)
end

---@param client vim.lsp.Client
---@param buffer integer
local function take(client, buffer)
  return function(result)
    others = {}
    for _, item in ipairs(result.items or result) do
      if type(item.insertText) == 'string' then
        others[#others + 1] = placed(item, client, buffer)
      end
    end
    shown = table.remove(others, 1)
    others[#others + 1] = shown
    draw()
  end
end

---Neovim's own ghost text of a buffer, where it can be told what to show. It has no public way to be told, or to
---ask for more, and waits 0.2 s after each key; where its inside looks otherwise, it works as it comes.
---@param buffer integer
---@param client vim.lsp.Client
function M.native(buffer, client)
  local capability = vim.lsp._capability
  local all = capability and capability.all and capability.all.inline_completion
  local shown = all and all.active and all.active[buffer]
  if shown and shown.client_state and shown.client_state[client.id] and shown.handler and shown.reset_timer then
    return shown
  end
end

---Have Neovim show what comes, without its pause.
---@param client vim.lsp.Client
---@param buffer integer
local function hasten(client, buffer)
  local function now()
    local typing = vim.api.nvim_get_current_buf() == buffer and vim.api.nvim_get_mode().mode == 'i'
    local shown = typing and M.native(buffer, client)
    if shown then
      if vim.tbl_count(shown.client_state) == 1 then -- others are asked by Neovim
        shown:reset_timer()
      end
      ask(client, buffer, 2, function(result, context)
        shown:handler(nil, result, context)
      end)
    end
    return shown or not typing
  end
  vim.api.nvim_create_autocmd({ 'InsertEnter', 'CursorMovedI', 'TextChangedP' }, {
    group = group,
    buffer = buffer,
    callback = function()
      if client:is_stopped() then
        return true
      end
      vim.schedule(function() -- once Neovim has begun its pause
        if not now() then
          vim.defer_fn(now, 100) -- the file was opened just now, and its ghost text is not there yet
        end
      end)
    end,
  })
end

---@param client vim.lsp.Client
---@param buffer integer
function M.attach(client, buffer)
  vim.api.nvim_clear_autocmds({ group = group, buffer = buffer })
  if vim.lsp.inline_completion then
    return hasten(client, buffer)
  end
  vim.api.nvim_set_hl(0, 'ComplHint', { link = 'NonText', default = true })
  vim.api.nvim_create_autocmd({ 'InsertEnter', 'CursorMovedI', 'TextChangedP' }, {
    group = group,
    buffer = buffer,
    callback = function()
      if client:is_stopped() then
        return true
      end
      if not paused then
        draw()
        ask(client, buffer, 2, take(client, buffer))
      end
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, { group = group, buffer = buffer, callback = M.dismiss })
end

---What can be accepted now.
---@return dovetail.Ghost?
function M.current()
  return shown and M.rest(shown) and shown or nil
end

---The next of several; where there is one alone, the server is asked for more.
---@return boolean there
function M.next()
  local now = M.current()
  local client = now and vim.lsp.get_client_by_id(now.client)
  if not client then
    return false
  end
  local function turn()
    shown = table.remove(others, 1)
    others[#others + 1] = shown
    draw()
  end
  vim.schedule(function() -- an <expr> mapping may not change what is drawn
    if #others > 1 then
      return turn()
    end
    local buffer = vim.api.nvim_get_current_buf()
    M.more(client, buffer, function(result)
      take(client, buffer)(result)
      turn()
    end)
  end)
  return true
end

function M.dismiss()
  cancel()
  shown = nil
  hide()
end

---@param on boolean
function M.enable(on)
  paused = not on
  if paused then
    M.dismiss()
  end
end

M.draw = draw

return M
