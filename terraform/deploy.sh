#!/usr/bin/env bash
# Deploy Herald into the project named in terraform.tfvars (or TF_VAR_project), and print its address. It is safe to run
# again: without changes in the files, nothing is changed. Arguments are passed to `terraform apply`.
set -euo pipefail
cd "$(dirname "$0")"

setting() { # from terraform.tfvars, else from the environment: the same order as Terraform
  local environment="TF_VAR_$1" written
  written=$(sed -n "s/^ *$1 *= *\"\([^\"]*\)\".*/\1/p" terraform.tfvars 2> /dev/null || true)
  echo "${written:-${!environment:-}}"
}

project=$(setting project)
region=$(setting region)
if [ -z "$project" ]; then
  echo "The project is not set. Write terraform/terraform.tfvars (docs/deploy.md), or set TF_VAR_project." >&2
  exit 1
fi

for command in gcloud terraform npx; do
  if ! command -v $command > /dev/null; then
    echo "Install $command first (docs/deploy.md)." >&2
    exit 1
  fi
done

# Terraform needs these before its first plan.
gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com --project "$project"
state="gs://$project-herald-state"
if ! gcloud storage buckets describe "$state" --project "$project" > /dev/null 2>&1; then
  gcloud storage buckets create "$state" --project "$project" --location "${region:-us-central1}" \
    --uniform-bucket-level-access --public-access-prevention
fi
gcloud storage buckets update "$state" --project "$project" --versioning

terraform init -input=false -reconfigure -backend-config="bucket=$project-herald-state"
terraform apply "$@"
(cd .. && npx firebase deploy --only hosting --project "$project")
echo "The site: $(terraform output -raw address)"
