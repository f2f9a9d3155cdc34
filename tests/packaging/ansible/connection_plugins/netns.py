"""Hosts that are network namespaces of this machine, each of its host's name."""

import shlex

from ansible.plugins.connection import local

# Ansible reads the options that a connection has out of this text.
DOCUMENTATION = """
    name: netns
    short_description: run in a network namespace of this machine
    description: [As the connection "local", in the network namespace of the host's name.]
    author: proctor
    extends_documentation_fragment: [connection_pipelining]
"""


class Connection(local.Connection):
    transport = "netns"

    def exec_command(self, cmd, in_data=None, sudoable=True):
        inside = ["ip", "netns", "exec", self._play_context.remote_addr, "sh", "-c", cmd]
        return super().exec_command(shlex.join(inside), in_data, sudoable)
