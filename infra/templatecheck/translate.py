"""Prints the plain CloudFormation, as JSON, that AWS makes of the SAM template named in the first argument."""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-north-1")  # only a name to the translator; nothing is called

from samtranslator.model.exceptions import InvalidDocumentException  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402


class NoManagedPolicies:
    """Every role in the template is written out, so none is to be looked up."""

    def load(self):
        return {}


with open(sys.argv[1], encoding="utf-8") as f:
    template = yaml_parse(f)
for resource in template["Resources"].values():
    # Packaging replaces the folder by where it was uploaded to; the translator takes nothing else.
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://package/" + resource["Properties"]["CodeUri"]
try:
    json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout)
except InvalidDocumentException as e:
    sys.exit("\n".join(cause.message for cause in e.causes) or e.message)
