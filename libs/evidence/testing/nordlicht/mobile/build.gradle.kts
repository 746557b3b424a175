plugins { id("com.android.application") }
dependencies {
    implementation("com.configcat:configcat-java-client:9.3.0")
    implementation(platform("com.google.firebase:firebase-bom:33.3.0"))
    // implementation("not.used:at-all:1.0")
    testImplementation("junit:junit:4.13.2")
}
