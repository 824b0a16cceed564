-- A workspace edit as plain data: which files, what they become, whether they are still what they were.
-- An edit is applied to all of its files or to none.

local M = {}

---@class dovetail.File
---@field uri string
---@field path string
---@field before string[] the lines that the edit was made for
---@field after string[] the lines that it makes of them
---@field version integer? of the text that the edit was made for
---@field new boolean the edit creates it
---@field edits lsp.TextEdit[] without annotations: 0.12 would ask about those, file by file

---The lines of a file: as its buffer has them, else as they are on disk.
---@param uri string
---@return string[]?
local function lines(uri)
  local buffer = vim.uri_to_bufnr(uri)
  if vim.api.nvim_buf_is_loaded(buffer) then
    return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  end
  local good, read = pcall(vim.fn.readfile, vim.uri_to_fname(uri))
  if not good then
    return nil
  end
  local dos = #read > 0
  for _, line in ipairs(read) do
    dos = dos and vim.endswith(line, '\r')
  end
  if dos then
    read = vim.tbl_map(function(line)
      return line:sub(1, -2)
    end, read)
  end
  return #read > 0 and read or { '' }
end

---@param buffer integer
---@param edits lsp.TextEdit[]
---@param encoding string
---@param new boolean what is behind the last end of a line is no line, and in a file that was there not touched
local function change(buffer, edits, encoding, new)
  vim.lsp.util.apply_text_edits(vim.deepcopy(edits), buffer, encoding)
  local count = vim.api.nvim_buf_line_count(buffer)
  if new and count > 1 and vim.api.nvim_buf_get_lines(buffer, count - 1, count, false)[1] == '' then
    vim.api.nvim_buf_set_lines(buffer, count - 1, count, false, {})
  end
end

---@param before string[]
---@param edits lsp.TextEdit[]
---@param encoding string
---@param new boolean
---@return string[]
local function changed(before, edits, encoding, new)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, before)
  change(scratch, edits, encoding, new)
  local after = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
  vim.api.nvim_buf_delete(scratch, { force = true })
  return after
end

---What an edit makes of its files. Opens and changes nothing.
---@param edit lsp.WorkspaceEdit
---@param encoding string
---@return dovetail.File[]? files
---@return string? refusal
function M.files(edit, encoding)
  local files = {} ---@type dovetail.File[]
  local created = {} ---@type table<string, boolean>
  local function add(uri, edits, version)
    local path = vim.uri_to_fname(uri)
    local before = lines(uri) or (created[uri] and { '' })
    if not before then
      return ('%s cannot be read; nothing was changed'):format(path)
    end
    edits = vim.deepcopy(edits)
    for _, one in ipairs(edits) do
      one.annotationId = nil
    end
    files[#files + 1] = {
      uri = uri,
      path = path,
      before = before,
      after = changed(before, edits, encoding, created[uri] or false),
      version = type(version) == 'number' and version or nil,
      new = created[uri] or false,
      edits = edits,
    }
  end
  for _, one in ipairs(edit.documentChanges or {}) do
    if one.kind == 'create' then
      created[one.uri] = lines(one.uri) == nil
    elseif one.kind then
      return nil, 'the edit renames or deletes a file, and this plugin does not do that'
    else
      local problem = add(one.textDocument.uri, one.edits, one.textDocument.version)
      if problem then
        return nil, problem
      end
    end
  end
  if not edit.documentChanges then
    for uri, edits in pairs(edit.changes or {}) do
      local problem = add(uri, edits)
      if problem then
        return nil, problem
      end
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
    local now = lines(file.uri) or (file.new and { '' })
    local buffer = vim.uri_to_bufnr(file.uri)
    -- the last is what Neovim told the server: 0 after opening, then the tick of each change
    local other = file.version and file.version ~= vim.lsp.util.buf_versions[buffer]
    if not now or not vim.deep_equal(now, file.before) or other then
      return name .. ' has changed since this edit was made; nothing was changed. Ask again.'
    end
    if not vim.bo[buffer].modifiable or vim.bo[buffer].readonly then
      return name .. ' cannot be modified; nothing was changed'
    end
  end
end

---@param file dovetail.File
function M.name(file)
  return vim.fn.fnamemodify(file.path, ':~:.')
end

---A unified diff of all files.
---@param files dovetail.File[]
---@return string[] lines
function M.diff(files)
  local compare = vim.text and vim.text.diff or vim.diff ---@diagnostic disable-line: deprecated
  local function whole(text)
    local joined = table.concat(text, '\n')
    return joined ~= '' and joined .. '\n' or ''
  end
  local diff = {} ---@type string[]
  for _, file in ipairs(files) do
    local name = M.name(file)
    if #diff > 0 then
      diff[#diff + 1] = ''
    end
    vim.list_extend(diff, { '--- ' .. (file.new and 'a new file' or name), '+++ ' .. name })
    local text = compare(whole(file.before), whole(file.after), { result_type = 'unified', ctxlen = 3 })
    vim.list_extend(diff, vim.split(vim.trim(tostring(text)), '\n'))
  end
  return diff
end

---Apply to all files. One undo in each takes it back; nothing is written to disk, new files neither.
---@param files dovetail.File[]
---@param encoding string
---@return string? refusal
function M.apply(files, encoding)
  local refusal = M.refusal(files)
  if refusal then
    return refusal
  end
  local done = {} ---@type integer[]
  for _, file in ipairs(files) do
    local buffer = vim.uri_to_bufnr(file.uri)
    local good, problem = pcall(function()
      vim.fn.bufload(buffer)
      vim.bo[buffer].buflisted = true
      -- opening may have changed it: another's autocommand, a recovered swap file
      assert(vim.deep_equal(lines(file.uri), file.before), 'it opens as another text')
      change(buffer, file.edits, encoding, file.new)
    end)
    if not good then
      for _, one in ipairs(done) do
        vim.api.nvim_buf_call(one, function()
          vim.cmd('silent undo')
        end)
      end
      return ('%s could not be changed (%s); nothing was changed'):format(M.name(file), problem)
    end
    done[#done + 1] = buffer
    if file.new then
      vim.api.nvim_create_autocmd('BufWritePre', {
        buffer = buffer,
        once = true,
        callback = function()
          vim.fn.mkdir(vim.fs.dirname(file.path), 'p')
        end,
      })
      vim.notify(('Dovetail: %s is new; `:wall` writes it'):format(M.name(file)))
    end
  end
end

return M
