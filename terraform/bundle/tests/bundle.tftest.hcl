variables {
  root     = "tests/functions"
  function = "greeting"
}

run "holds_the_folder_and_common" {
  command = plan

  assert {
    condition = keys(output.files) == tolist([
      "common/__init__.py", "common/words.py", "main.py", "requirements.txt", "templates/page.html",
    ])
    error_message = "Hidden files and tests must stay out, all else go in: ${jsonencode(keys(output.files))}"
  }

  assert {
    condition     = output.files["common/words.py"] == file("tests/functions/common/words.py")
    error_message = "A file's text must go in untouched."
  }

  assert {
    condition     = output.hash == sha256(jsonencode(output.files))
    error_message = "The hash must depend on the paths and texts alone."
  }
}

run "refuses_a_folder_that_is_no_function" {
  command = plan

  variables {
    function = "common"
  }

  expect_failures = [var.function]
}
