// The least that a dynamically linked C++ program costs.
int main() { return 0; }
