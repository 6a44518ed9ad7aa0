"""Two Ray nodes; prints the address, then obeys its input: "kill" kills the second node, anything else ends both.

An argument is the size of each node's object store in MB, which then spills nothing to disk.
"""

import sys


def main() -> None:
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": int(sys.argv[1]) << 20} if len(sys.argv) > 1 else {}
    system = {"_system_config": {"automatic_object_spilling_enabled": False}} if small else {}
    head = {"num_cpus": 1, "include_dashboard": False, **small, **system}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    second = cluster.add_node(num_cpus=1, **small)
    cluster.wait_for_nodes()
    print(cluster.address, flush=True)
    for line in sys.stdin:
        if line != "kill\n":
            break
        cluster.remove_node(second, allow_graceful=False)
        print("killed", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
