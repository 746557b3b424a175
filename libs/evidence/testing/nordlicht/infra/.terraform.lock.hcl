# This file is maintained automatically by "terraform init".
provider "registry.terraform.io/cloudflare/cloudflare" {
  version     = "4.42.0"
  constraints = "~> 4.0"
  hashes = [
    "h1:aaaa=",
  ]
}
