-- What a person waits for: a line in the corner from a tenth of a second on, and Escape stops it.

local M = {}

local soon = 100 -- milliseconds
local space = vim.api.nvim_create_namespace('dovetail.progress')
local escape = vim.keycode('<Esc>')

---@class dovetail.Job
---@field client vim.lsp.Client
---@field title string
---@field id? integer of the request
---@field token? lsp.ProgressToken of what the server tells of it
---@field stage string what the server does now
---@field shown boolean

local jobs = {} ---@type dovetail.Job[]
local window ---@type integer?

local function hide()
  vim.on_key(nil, space)
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

---Escape in normal mode, outside of windows that have a use for it. What is mapped to it is done as well.
local function pressed(key, typed)
  local elsewhere = vim.b.dovetail or vim.api.nvim_win_get_config(0).relative ~= ''
  if typed == escape and vim.api.nvim_get_mode().mode == 'n' and not elsewhere then
    vim.schedule(M.cancel)
    return key == escape and '' or nil
  end
end

local function draw()
  local lines, width = {}, 0
  for _, job in ipairs(jobs) do
    if job.shown then
      local line = (' %s: %s '):format(job.title, job.stage ~= '' and job.stage or 'working …')
      lines[#lines + 1] = line
      width = math.max(width, vim.api.nvim_strwidth(line))
    end
  end
  vim.cmd.redrawstatus()
  if #lines == 0 then
    return hide()
  end
  local below = vim.o.cmdheight + (vim.o.laststatus > 0 and 1 or 0)
  local config = {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - below,
    col = vim.o.columns,
    width = math.max(1, math.min(math.max(width, 16), vim.o.columns - 2)),
    height = #lines,
    border = 'rounded',
    style = 'minimal',
    focusable = false,
    footer = ' Esc cancels ',
    footer_pos = 'right',
  }
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_set_config(window, config)
  else
    local buffer = vim.api.nvim_create_buf(false, true)
    vim.bo[buffer].bufhidden = 'wipe'
    config.noautocmd = true
    window = vim.api.nvim_open_win(buffer, false, config)
    vim.on_key(pressed, space)
  end
  vim.api.nvim_buf_set_lines(vim.api.nvim_win_get_buf(window), 0, -1, false, lines)
  vim.cmd.redraw()
end

---@param job dovetail.Job
---@return boolean dropped false where that was done before
local function drop(job)
  for i, one in ipairs(jobs) do
    if one == job then
      table.remove(jobs, i)
      draw()
      return true
    end
  end
  return false
end

---Send a request that may take a while. `handler` is not called once it is cancelled.
---@param client vim.lsp.Client
---@param title string as the server's own progress calls it
---@param handler lsp.Handler
---@param send fun(handler: lsp.Handler): boolean, integer?
---@return boolean sent
---@return integer? id
function M.run(client, title, handler, send)
  local job = { client = client, title = title, stage = '', shown = false } ---@type dovetail.Job
  jobs[#jobs + 1] = job
  local sent, id = send(function(...)
    if drop(job) then
      return handler(...)
    end
  end)
  job.id = id
  if not sent then
    drop(job)
    return sent, id
  end
  vim.defer_fn(function()
    if vim.list_contains(jobs, job) then
      job.shown = true
      draw()
    end
  end, soon)
  return sent, id
end

---Stop all that somebody waits for.
---@return boolean stopped there was something
function M.cancel()
  local stopped = {} ---@type string[]
  for _, job in ipairs(vim.list_slice(jobs)) do
    drop(job)
    job.client:cancel_request(job.id)
    stopped[#stopped + 1] = job.title
  end
  if #stopped > 0 then
    vim.notify(('Dovetail: %s: cancelled'):format(table.concat(stopped, ', ')))
  end
  return #stopped > 0
end

---What is waited for in a statusline, or nil.
---@return string?
function M.now()
  local job = jobs[#jobs]
  return job and job.title
end

---Nothing comes any more from a client that has ended.
---@param id integer
function M.forget(id)
  for _, job in ipairs(vim.list_slice(jobs)) do
    if job.client.id == id then
      drop(job)
    end
  end
end

---What the server tells of its work.
---@param id integer of the client
---@param token lsp.ProgressToken
---@param value lsp.WorkDoneProgressBegin|lsp.WorkDoneProgressReport|lsp.WorkDoneProgressEnd
function M.told(id, token, value)
  for _, job in ipairs(jobs) do
    local begins = value.kind == 'begin' and not job.token and job.title == value.title
    if job.client.id == id and (begins or job.token == token) then
      if value.kind == 'end' then
        job.token, job.stage = nil, ''
      else
        job.token, job.stage = token, value.message or job.stage
        local percentage = value.percentage or 0
        if percentage > 0 then
          job.stage = ('%s, %d %%'):format(job.stage, percentage)
        end
      end
      return job.shown and draw()
    end
  end
end

return M
