variable "root" {
  description = "The folder that holds the functions' folders and common/."
  type        = string
}

variable "function" {
  description = "The function's folder under `root`: it has a main.py and its own requirements.txt."
  type        = string

  validation {
    condition     = alltrue([for name in ["main.py", "requirements.txt"] : fileexists("${var.root}/${var.function}/${name}")])
    error_message = "There is no function in ${var.root}/${var.function}: it needs a main.py and a requirements.txt."
  }
}
