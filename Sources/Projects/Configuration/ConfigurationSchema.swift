/// The JSON Schema of `portless.json`, which `portless config schema` prints.
///
/// docs/portless.schema.json is the same text; tests compare both, and the keys with those that the
/// reader knows.
package enum ConfigurationSchema {
    package static let text = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "portless.json",
          "description": "The configuration of a project, also under the key portless of package.json.",
          "type": "object",
          "properties": {
            "$schema": {"type": "string", "description": "This schema, for editors."},
            "name": {"$ref": "#/$defs/text", "description": "What the app is called; its URL is https://NAME.localhost."},
            "script": {"$ref": "#/$defs/text", "description": "The script of package.json to run without a command, in place of dev."},
            "appPort": {"$ref": "#/$defs/port", "description": "The port that the app listens on."},
            "path": {"type": "string", "pattern": "^/", "description": "The part of the host's paths that the app has, such as /api."},
            "stripPath": {"type": "boolean", "description": "Whether the app gets paths without that part."},
            "ports": {"$ref": "#/$defs/ports"},
            "proxy": {"type": "boolean", "description": "Whether the app gets a name; its script decides unless it is given."},
            "env": {"$ref": "#/$defs/env"},
            "health": {"$ref": "#/$defs/health"},
            "start": {"enum": ["on-request", "manual"], "description": "Whether its first request starts it."},
            "idle": {"type": ["string", "number"], "description": "After how long without a request it is stopped, such as 30m, or never."},
            "depends_on": {"type": ["string", "array"], "items": {"type": "string"}, "description": "The apps that are started with it."},
            "apps": {
              "type": "object",
              "description": "The apps of a workspace, by the path of their folder.",
              "additionalProperties": {"$ref": "#/$defs/app"}
            },
            "processes": {
              "type": "object",
              "description": "The processes of `portless up`, by name.",
              "propertyNames": {"pattern": "^[A-Za-z0-9]"},
              "additionalProperties": {"anyOf": [{"$ref": "#/$defs/text"}, {"$ref": "#/$defs/process"}]}
            },
            "turbo": {"type": "boolean", "description": "Whether Turborepo starts the scripts of a workspace that has a turbo.json (true)."},
            "https": {"type": "boolean", "description": "Whether the proxy serves HTTPS (true)."},
            "port": {"$ref": "#/$defs/port", "description": "The port that the proxy listens on (443, or 80 without HTTPS)."},
            "tld": {
              "description": "The top-level names in place of localhost.",
              "anyOf": [
                {"$ref": "#/$defs/text"},
                {"type": "array", "items": {"$ref": "#/$defs/text"}, "minItems": 1}
              ]
            },
            "wildcard": {"type": "boolean", "description": "Whether any.name.localhost leads to name.localhost (false)."},
            "unprivileged": {"type": "boolean", "description": "Whether the proxy leaves ports below 1024 alone, and takes 1355 (false)."},
            "syncHosts": {"type": "boolean", "description": "Whether the names are kept in the hosts file where that may be written (true)."}
          },
          "not": {
            "properties": {"unprivileged": {"const": true}, "port": {"maximum": 1023}},
            "required": ["unprivileged", "port"]
          },
          "additionalProperties": false,
          "$defs": {
            "text": {"type": "string", "pattern": "[^ ]"},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "app": {
              "type": "object",
              "description": "The settings of one app.",
              "properties": {
                "name": {"$ref": "#/$defs/text", "description": "What the app is called."},
                "script": {"$ref": "#/$defs/text", "description": "The script of its package.json to run."},
                "appPort": {"$ref": "#/$defs/port", "description": "The port that the app listens on."},
                "path": {"type": "string", "pattern": "^/", "description": "The part of the host's paths that the app has, such as /api."},
                "stripPath": {"type": "boolean", "description": "Whether the app gets paths without that part."},
                "ports": {"$ref": "#/$defs/ports"},
                "proxy": {"type": "boolean", "description": "Whether the app gets a name."},
                "env": {"$ref": "#/$defs/env"},
                "health": {"$ref": "#/$defs/health"},
                "start": {"enum": ["on-request", "manual"], "description": "Whether its first request starts it."},
                "idle": {"type": ["string", "number"], "description": "After how long without a request it is stopped, such as 30m, or never."},
                "depends_on": {"type": ["string", "array"], "items": {"type": "string"}, "description": "The apps that are started with it."}
              },
              "additionalProperties": false
            },
            "ports": {
              "description": "The app's ports by label; the label api gives API_PORT and the name api.NAME.localhost.",
              "anyOf": [
                {"type": "array", "items": {"$ref": "#/$defs/label"}},
                {
                  "type": "object",
                  "propertyNames": {"$ref": "#/$defs/label"},
                  "additionalProperties": {"anyOf": [{"$ref": "#/$defs/leased"}, {"$ref": "#/$defs/labeled"}]}
                }
              ]
            },
            "label": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9-]*$"},
            "leased": {
              "description": "A number, or auto for one that no other app has.",
              "anyOf": [{"$ref": "#/$defs/port"}, {"const": "auto"}, {"type": "null"}]
            },
            "labeled": {
              "type": "object",
              "properties": {
                "port": {"$ref": "#/$defs/leased"},
                "description": {"type": "string", "description": "What the port is for."},
                "http": {"type": "boolean", "description": "Whether it speaks HTTP, and so gets a name."},
                "tcp": {"type": "boolean", "description": "Whether it gets a name for other protocols, told apart by TLS."}
              },
              "additionalProperties": false
            },
            "env": {
              "type": "object",
              "description": "Variables for the app; {branch}, {name}, {port.LABEL} and {url.LABEL} are replaced.",
              "additionalProperties": {"type": ["string", "number", "boolean"]}
            },
            "health": {
              "description": "How the server is asked whether it is ready.",
              "anyOf": [
                {"$ref": "#/$defs/path"},
                {
                  "type": "object",
                  "properties": {
                    "path": {"$ref": "#/$defs/path"},
                    "status": {
                      "description": "The statuses of a server that is ready (200-399).",
                      "anyOf": [
                        {"$ref": "#/$defs/status"},
                        {"type": "array", "items": {"$ref": "#/$defs/status"}, "minItems": 1, "maxItems": 20}
                      ]
                    },
                    "interval": {"$ref": "#/$defs/time", "description": "How long after an answer it is asked again."},
                    "timeout": {"$ref": "#/$defs/time", "description": "How long it may take to answer."}
                  },
                  "required": ["path"],
                  "additionalProperties": false
                }
              ]
            },
            "path": {"type": "string", "pattern": "^/[!-~]*$"},
            "status": {"type": ["integer", "string"], "minimum": 100, "maximum": 599, "pattern": "^([1-5][xX]{2}|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$"},
            "time": {"type": ["number", "string"], "minimum": 0, "pattern": "^ *[0-9.]+ *(ms|s|m|h|MS|S|M|H)? *$"},
            "process": {
              "type": "object",
              "description": "One process, or changes to one that another file declares.",
              "properties": {
                "command": {
                  "description": "The command line, or its words.",
                  "anyOf": [{"$ref": "#/$defs/text"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
                },
                "cwd": {"type": "string", "description": "Its folder, relative to the project's."},
                "env": {"$ref": "#/$defs/env"},
                "ports": {"type": "array", "items": {"$ref": "#/$defs/label"}, "description": "The labels of its ports."},
                "health": {"$ref": "#/$defs/health"},
                "depends_on": {
                  "description": "The processes that are to run before it.",
                  "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
                },
                "instances": {"type": "integer", "minimum": 1, "maximum": 256, "description": "How many of it run, on consecutive ports."},
                "autorestart": {"type": "boolean", "description": "Whether it is restarted when it ends (true)."},
                "max_restarts": {"type": "integer", "minimum": 0, "description": "After how many early ends it is given up."},
                "min_uptime": {"$ref": "#/$defs/time", "description": "An end before that is an early one."},
                "restart_delay": {"$ref": "#/$defs/time", "description": "The pause before each restart."},
                "exp_backoff_restart_delay": {"$ref": "#/$defs/time", "description": "The first pause of pauses that grow."},
                "kill_timeout": {"$ref": "#/$defs/time", "description": "How long it may take to end before it is killed."},
                "max_memory_restart": {"type": ["number", "string"], "description": "It is restarted above that size, such as 300M."}
              },
              "additionalProperties": false
            }
          }
        }
        """#
}
