-- A workspace edit as plain data: which files, what they become, whether they are still what they were.
-- An edit is applied to all of its files or to none.

local M = {}

---@class dovetail.File
---@field uri string
---@field buffer integer loaded
---@field version integer? of the text that the edit was made for
---@field tick integer of the text that the diff was made of
---@field edits lsp.TextEdit[] without annotations: 0.12 would ask about those, file by file

---@param edit lsp.WorkspaceEdit
---@return dovetail.File[]? files
---@return string? refusal
function M.files(edit)
  local files = {} ---@type dovetail.File[]
  local function add(uri, edits, version)
    local buffer = vim.uri_to_bufnr(uri)
    vim.fn.bufload(buffer)
    edits = vim.deepcopy(edits)
    for _, one in ipairs(edits) do
      one.annotationId = nil
    end
    files[#files + 1] = {
      uri = uri,
      buffer = buffer,
      edits = edits,
      version = type(version) == 'number' and version or nil,
      tick = vim.api.nvim_buf_get_changedtick(buffer),
    }
  end
  for _, change in ipairs(edit.documentChanges or {}) do
    if change.kind then
      return nil, 'the edit creates, renames or deletes a file, and this plugin does not do that'
    end
    add(change.textDocument.uri, change.edits, change.textDocument.version)
  end
  if not edit.documentChanges then
    for uri, edits in pairs(edit.changes or {}) do
      add(uri, edits)
    end
  end
  local refusal = M.refusal(files)
  return not refusal and files or nil, refusal
end

---A reason not to apply, or nil: a file has changed since the edit was made, or cannot be changed.
---@param files dovetail.File[]
function M.refusal(files)
  for _, file in ipairs(files) do
    local name = M.name(file)
    if not vim.api.nvim_buf_is_loaded(file.buffer) then
      return name .. ' is not open any more; nothing was changed'
    end
    -- what Neovim told the server last: 0 after opening, then the tick of each change
    local version = rawget(vim.lsp.util.buf_versions, file.buffer)
    if
      vim.api.nvim_buf_get_changedtick(file.buffer) ~= file.tick
      or (file.version and version and file.version ~= version)
    then
      return name .. ' has changed since this edit was made; nothing was changed. Ask again.'
    end
    if not vim.bo[file.buffer].modifiable or vim.bo[file.buffer].readonly then
      return name .. ' cannot be modified; nothing was changed'
    end
  end
end

---@param file dovetail.File
function M.name(file)
  return vim.fn.fnamemodify(vim.uri_to_fname(file.uri), ':~:.')
end

---A unified diff of all files.
---@param files dovetail.File[]
---@param encoding string
---@return string[] lines
function M.diff(files, encoding)
  local compare = vim.text and vim.text.diff or vim.diff ---@diagnostic disable-line: deprecated
  local lines = {} ---@type string[]
  for _, file in ipairs(files) do
    local old = vim.api.nvim_buf_get_lines(file.buffer, 0, -1, false)
    local scratch = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_lines(scratch, 0, -1, false, old)
    vim.lsp.util.apply_text_edits(vim.deepcopy(file.edits), scratch, encoding)
    local new = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
    vim.api.nvim_buf_delete(scratch, { force = true })
    local name = M.name(file)
    vim.list_extend(lines, { '--- ' .. name, '+++ ' .. name })
    local text = compare(table.concat(old, '\n') .. '\n', table.concat(new, '\n') .. '\n', {
      result_type = 'unified',
      ctxlen = 3,
    })
    vim.list_extend(lines, vim.split(vim.trim(tostring(text)), '\n'))
  end
  return lines
end

---Apply to all files. One undo in each takes it back; nothing is written to disk.
---@param files dovetail.File[]
---@param encoding string
---@return string? refusal
function M.apply(files, encoding)
  local refusal = M.refusal(files)
  if refusal then
    return refusal
  end
  local done = {} ---@type dovetail.File[]
  for _, file in ipairs(files) do
    vim.bo[file.buffer].buflisted = true
    local good, problem = pcall(vim.lsp.util.apply_text_edits, file.edits, file.buffer, encoding)
    if not good then
      for _, one in ipairs(done) do
        vim.api.nvim_buf_call(one.buffer, function()
          vim.cmd('silent undo')
        end)
      end
      return ('%s could not be changed (%s); nothing was changed'):format(M.name(file), problem)
    end
    done[#done + 1] = file
  end
end

return M
