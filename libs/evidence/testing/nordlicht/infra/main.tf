terraform {
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 4.0"
    }
    datadog = { source = "DataDog/datadog" }
  }
}

/* Frankfurt */
provider "aws" {
  region = "eu-central-1"
}

variable "datadog_api_key" {
  sensitive = true
  default   = "not-a-key-10"
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.main.id
  name    = "nordlicht.example"
  type    = "TXT"
  records = ["v=spf1 include:mailgun.org -all", "x-${var.token}"]
}

resource "cloudflare_record" "docs" {
  name    = "docs"
  type    = "CNAME"
  content = "dkim.mcsv.net"
  comment = <<-EOT
    resource "nothing" "here" {
  EOT
}
